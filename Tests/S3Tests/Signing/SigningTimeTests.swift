import Foundation
import TestSupport
import Testing

@testable import S3

@Suite struct SigningTimeTests {
  @Test func `the forms of S3 are read`() {
    #expect(SigningTime(iso8601: "2009-10-12T17:50:30.125Z")?.seconds == 1_255_369_830)
    #expect(SigningTime(iso8601: "2009-10-12T17:50:30.125Z")?.milliseconds == 125)
    #expect(SigningTime(iso8601: "2009-10-12T19:50:30+02:00")?.seconds == 1_255_369_830)
    #expect(SigningTime(httpDate: "Mon, 12 Oct 2009 17:50:30 GMT")?.seconds == 1_255_369_830)
    #expect(SigningTime(seconds: 1_255_369_830).description == "2009-10-12T17:50:30Z")
  }

  @Test(arguments: [
    "", "T", "2009-13-12T17:50:30Z", "2009-10-12T25:00:00Z", "2009-10-12 17:50:30", "20",
    "2009-10-12T17:50:30X", "2009-10-12T17:50:30+0", "99999999999999999999",
  ])
  func `what is no time is none`(text: String) {
    #expect(SigningTime(iso8601: text) == nil)
    #expect(SigningTime(httpDate: text) == nil)
  }

  @Test func `days are those of another calendar`() throws {
    let formatter = ISO8601DateFormatter()
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      let seconds = Int64.random(in: -2_000_000_000...8_000_000_000, using: &random)
      let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(SigningTime(seconds: seconds).description == text)
      #expect(SigningTime(iso8601: text)?.seconds == seconds)
    }
  }

  @Test func `names survive their encoding`() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<200 {
      let text = String(
        String.UnicodeScalarView(
          (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 1...0x2FF, using: &random)) })
      )
      #expect(URIEncoding.decode(URIEncoding.encode(text)) == text)
    }
    #expect(URIEncoding.decode("a+b%2Bc%zz%4") == "a b+c%zz%4")
  }

  @Test func `base64 is that of another encoder`() {
    for count in 0..<40 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97) }
      #expect(Digests.base64(bytes) == Data(bytes).base64EncodedString())
    }
  }
}
