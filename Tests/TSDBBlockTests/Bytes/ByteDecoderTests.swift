import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct ByteDecoderTests {
  @Test(arguments: 0..<20)
  func `numbers of every length survive the way there and back`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var bytes: [UInt8] = []
    var numbers: [UInt64] = [0, 1, 127, 128, 16_383, 16_384, 1 << 56, 1 << 63, .max]
    for _ in 0..<200 { numbers.append(random.next() >> UInt64.random(in: 0...63, using: &random)) }
    for number in numbers {
      bytes.append(uvarint: number)
      bytes.append(varint: Int64(bitPattern: number))
    }
    var decoder = ByteDecoder(bytes.rawSpan)
    for number in numbers {
      let unsigned = try decoder.uvarint()
      let signed = try decoder.varint()
      #expect(unsigned == number)
      #expect(signed == Int64(bitPattern: number))
    }
    #expect(decoder.remaining == 0)
  }

  @Test func `a varint that is too long or ends too early is an error`() {
    let long: [UInt8] = [UInt8](repeating: 0x80, count: 10) + [0]
    let large: [UInt8] = [UInt8](repeating: 0xFF, count: 9) + [2]
    let short: [UInt8] = [0x80, 0x80]
    for (bytes, expected) in [
      (long, DecodeError.overflow), (large, .overflow), (short, .truncated),
    ] {
      var thrown: DecodeError?
      do throws(DecodeError) {
        var decoder = ByteDecoder(bytes.rawSpan)
        _ = try decoder.uvarint()
      } catch {
        thrown = error
      }
      #expect(thrown == expected)
    }
  }

  @Test func `a length beyond the end is an error and moves nothing past it`() {
    let bytes: [UInt8] = [200, 1, 2, 3]
    var decoder = ByteDecoder(bytes.rawSpan)
    var thrown: DecodeError?
    do throws(DecodeError) { _ = try decoder.lengthPrefixed() } catch { thrown = error }
    #expect(thrown == .truncated)
    #expect(decoder.position <= bytes.count)
  }
}
