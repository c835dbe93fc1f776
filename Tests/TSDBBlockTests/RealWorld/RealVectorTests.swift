import Foundation
import TestSupport
import Testing

@testable import TSDBBlock

/// Numbers and chunks as Go wrote them, from the tests of a Rust library.
@Suite(.enabled(if: RealWorld.isPresent)) struct RealVectorTests {
  private func vectors(_ kind: String) throws -> [(expected: JSONValue, bytes: [UInt8])] {
    let file = try JSONValue(
      parsing: readFile(RealWorld.directory + "/rusty-chunkenc/test_data.json"))
    return try (try #require(file[kind].array)).map { vector in
      // Base64 without the padding that Foundation wants.
      let text = try #require(vector["e"].string)
      let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
      return (vector, Array(try #require(Data(base64Encoded: padded))))
    }
  }

  @Test func `signed variable bits read and write as in Go`() throws {
    for (expected, bytes) in try vectors("varbit_ints") {
      let number = try #require(expected["v"].int64)
      var reader = BitReader(bytes.rawSpan, 0..<bytes.count)
      let read = reader.readVariableSigned()
      let isWhole = !reader.isPastEnd
      #expect(read == number && isWhole, "\(number) read as \(read)")
      var writer = BitWriter()
      writer.appendVariable(number)
      #expect(try encoded(writer) == prefix(of: bytes, writer.byteCount), "\(number)")
    }
  }

  @Test func `unsigned variable bits read and write as in Go`() throws {
    for (expected, bytes) in try vectors("varbit_uints") {
      let number = try #require(expected["v"].uint64)
      var reader = BitReader(bytes.rawSpan, 0..<bytes.count)
      let read = reader.readVariableUnsigned()
      let isWhole = !reader.isPastEnd
      #expect(read == number && isWhole, "\(number) read as \(read)")
      var writer = BitWriter()
      writer.appendVariable(unsigned: number)
      #expect(try encoded(writer) == prefix(of: bytes, writer.byteCount), "\(number)")
    }
  }

  @Test func `varints read and write as in Go`() throws {
    for (expected, bytes) in try vectors("uvarints") {
      let number = try #require(expected["v"].uint64)
      var decoder = ByteDecoder(bytes.rawSpan)
      #expect(try decoder.uvarint() == number)
      #expect(decoder.remaining == 0)
      var encoded: [UInt8] = []
      encoded.append(uvarint: number)
      #expect(encoded == bytes)
    }
  }

  @Test func `chunks decode and encode as in Go`() throws {
    for (expected, bytes) in try vectors("chunks") {
      let stated = try #require(expected["s"].array)
      var columns = SampleColumns()
      try XORDecoder.decode(bytes.rawSpan, into: &columns)
      #expect(columns.timestamps == stated.map { $0["ts"].int64 })
      #expect(columns.values.map(Double.init(bitPattern:)) == stated.map { $0["v"].double })
      var encoder = ChunkEncoder()
      var encoded: [UInt8] = []
      encoder.encode(columns, 0..<columns.count, appendingTo: &encoded)
      #expect(try encoded == prefix(of: bytes, encoded.count))
    }
  }

  private func encoded(_ writer: BitWriter) -> [UInt8] {
    var bytes: [UInt8] = []
    writer.copy(appendingTo: &bytes)
    return bytes
  }

  /// The vectors are from before Prometheus 3.0, which left a spare zero byte behind many bits.
  private func prefix(of bytes: [UInt8], _ count: Int) throws -> [UInt8] {
    try #require(bytes.dropFirst(count).allSatisfy { $0 == 0 } && bytes.count <= count + 1)
    return Array(bytes.prefix(count))
  }
}
