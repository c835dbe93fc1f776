import CCRC32C
import TSDBBlock
import TestSupport
import Testing

@Suite struct CRC32CTests {
  @Test func `the check value of the polynomial comes out`() {
    let text = Array("123456789".utf8)
    #expect(CRC32C(text.span.bytes).value == 0xE306_9283)
  }

  @Test func `the instruction and the table agree at every length and alignment`() {
    var random = SeededRandom(seed: 1)
    let bytes = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
    bytes.withUnsafeBytes { buffer in
      for start in 0..<9 {
        for end in start...bytes.count {
          let base = buffer.baseAddress.map { $0 + start }
          let fast = crc32c_extend(7, base, end - start)
          #expect(fast == crc32c_extend_table(7, base, end - start))
        }
      }
    }
  }

  @Test func `parts give the checksum of the whole`() {
    let bytes: [UInt8] = Array(0..<200)
    var parts = CRC32C()
    parts.update(Array(bytes[..<77]))
    parts.update(Array(bytes[77...]))
    #expect(parts.value == CRC32C(bytes.span.bytes).value)
  }
}
