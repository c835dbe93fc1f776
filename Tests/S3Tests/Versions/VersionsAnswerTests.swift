import TestSupport
import Testing

@testable import S3

@Suite struct VersionsAnswerTests {
  static let page = """
    <?xml version="1.0" encoding="UTF-8"?>
    <ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>\
    <Prefix>a%2F</Prefix><MaxKeys>2</MaxKeys><EncodingType>url</EncodingType>\
    <IsTruncated>true</IsTruncated><NextKeyMarker>a%2Fx+y</NextKeyMarker>\
    <NextVersionIdMarker>v%2F1</NextVersionIdMarker>\
    <DeleteMarker><Key>a%2Fx+y</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>\
    <LastModified>2024-01-02T03:04:06.000Z</LastModified><Owner><ID>o</ID></Owner></DeleteMarker>\
    <Version><Key>a%2Fx+y</Key><VersionId>v%2F1</VersionId><IsLatest>false</IsLatest>\
    <LastModified>2024-01-02T03:04:05.678Z</LastModified><Size>42</Size></Version>\
    <CommonPrefixes><Prefix>a%2Fdir%2F</Prefix></CommonPrefixes></ListVersionsResult>
    """

  @Test func `versions, markers, prefixes and the next page are read`() throws {
    let answer = try VersionsAnswer(Array(Self.page.utf8))
    #expect(answer.entries.map(\.key) == ["a/x y", "a/x y"])
    // The identity of a version is never encoded.
    #expect(answer.entries.map(\.version) == ["v2", "v%2F1"])
    #expect(answer.entries.map(\.isMarker) == [true, false])
    #expect(answer.entries.map(\.isLatest) == [true, false])
    #expect(answer.entries.map(\.size) == [0, 42])
    #expect(answer.entries.map(\.modifiedMilliseconds) == [1_704_164_646_000, 1_704_164_645_678])
    #expect(answer.prefixes == ["a/dir/"])
    #expect(answer.next == VersionsAnswer.Place(key: "a/x y", version: "v%2F1"))
  }

  @Test(arguments: [
    "<html></html>", "<ListBucketResult></ListBucketResult>",
    "<ListVersionsResult><Version><Key>a</Key></Version></ListVersionsResult>",
    "<ListVersionsResult><Version><VersionId>a</VersionId></Version></ListVersionsResult>",
    "<ListVersionsResult><DeleteMarker><Key>a</Key><VersionId>a b</VersionId></DeleteMarker>"
      + "</ListVersionsResult>",
    "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>",
    "<ListVersionsResult><Version>", "",
  ])
  func `a page that is none, or leaves out what counts, is refused`(text: String) {
    #expect(throws: XMLReader.Malformed.self) { try VersionsAnswer(Array(text.utf8)) }
  }

  @Test func `a page cut or changed anywhere never traps`() {
    let text = Array(Self.page.utf8)
    for end in 0..<text.count { _ = try? VersionsAnswer(Array(text[..<end])) }
    var random = SeededRandom(seed: 6)
    for _ in 0..<3000 {
      var changed = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<changed.count, using: &random)] =
          UInt8.random(in: 0...255, using: &random)
      }
      _ = try? VersionsAnswer(changed)
    }
  }
}
