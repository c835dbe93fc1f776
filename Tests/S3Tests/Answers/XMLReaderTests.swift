import TestSupport
import Testing

@testable import S3

@Suite struct XMLReaderTests {
  private func elements(_ text: String) throws -> [String] {
    var found: [String] = []
    try XMLReader.forEachElement(of: Array(text.utf8)) { path, text in
      found.append("\(path.joined(separator: "/"))=\(text)")
    }
    return found
  }

  @Test func `elements come inner ones first, with their text`() throws {
    let text = """
      <?xml version="1.0"?><!-- x --><s3:a xmlns:s3="u" b='>'><c>1 &lt;&#x41;&#66;&amp;</c>\
      <d/><e><![CDATA[<f>&]]></e></s3:a>
      """
    #expect(try elements(text) == ["a/c=1 <AB&", "a/d=", "a/e=<f>&", "a="])
  }

  @Test(arguments: [
    "", "x", "<a>", "<a></b>", "</a>", "<a", "<a b='", "<a/><b/>", "<a/>x", "<a>&</a>",
    "<a>&unknown;</a>", "<a>&#xD800;</a>", "<a>&#99999999999;</a>", "<!DOCTYPE a><a/>",
    "<a><![CDATA[</a>", "<!-- <a/>", "<a <b>/>", "< a/>", "<a>&#;</a>",
  ])
  func `what is malformed is refused`(text: String) {
    #expect(throws: XMLReader.Malformed.self) { try elements(text) }
  }

  @Test func `depth is bounded`() {
    let deep = String(repeating: "<a>", count: 1000) + String(repeating: "</a>", count: 1000)
    #expect(throws: XMLReader.Malformed.self) { try elements(deep) }
  }

  @Test func `a listing cut or changed anywhere never traps`() {
    let text = Array(ListAnswerTests.page.utf8)
    for end in 0..<text.count { _ = try? ListAnswer(Array(text[..<end])) }
    var random = SeededRandom(seed: 5)
    for _ in 0..<3000 {
      var changed = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 0..<changed.count, using: &random)] =
          UInt8.random(in: 0...255, using: &random)
      }
      _ = try? ListAnswer(changed)
      _ = ErrorAnswer(changed)
    }
  }
}

@Suite struct ListAnswerTests {
  static let page = """
    <?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>\
    <Prefix>a%2F</Prefix><KeyCount>2</KeyCount><MaxKeys>2</MaxKeys>\
    <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
    <NextContinuationToken>to+ken%3D</NextContinuationToken>\
    <Contents><Key>a%2Fx+y%2B</Key><LastModified>2024-01-02T03:04:05.678Z</LastModified>\
    <ETag>&quot;e&quot;</ETag><Size>42</Size><StorageClass>STANDARD</StorageClass></Contents>\
    <CommonPrefixes><Prefix>a%2Fdir%2F</Prefix></CommonPrefixes></ListBucketResult>
    """

  @Test func `objects, prefixes and the next page are read`() throws {
    let answer = try ListAnswer(Array(Self.page.utf8))
    #expect(answer.objects.map(\.key) == ["a/x y+"])
    #expect(answer.objects.map(\.size) == [42])
    #expect(answer.objects.map(\.modifiedMilliseconds) == [1_704_164_645_678])
    #expect(answer.prefixes == ["a/dir/"])
    #expect(answer.next == "to+ken%3D")
  }

  @Test func `a page of version 1 goes on behind its last key`() throws {
    let text = """
      <ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>b</Key></Contents>\
      <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListBucketResult>
      """
    #expect(try ListAnswer(Array(text.utf8)).next == "c/")
    let marked = text.replacing("<Contents>", with: "<NextMarker>m</NextMarker><Contents>")
    #expect(try ListAnswer(Array(marked.utf8)).next == "m")
  }

  @Test func `a page of something else is none`() {
    #expect(throws: XMLReader.Malformed.self) { try ListAnswer(Array("<html></html>".utf8)) }
    #expect(throws: XMLReader.Malformed.self) {
      try ListAnswer(Array("<Error><Code>AccessDenied</Code></Error>".utf8))
    }
  }

  @Test func `errors are one line`() {
    let body = "<Error><Code>NoSuchKey</Code><Message>a\nb</Message><Region>eu-1</Region></Error>"
    let answer = ErrorAnswer(Array(body.utf8))
    #expect(answer.line(404) == "NoSuchKey (status 404): a b")
    #expect(answer.region == "eu-1")
    #expect(ErrorAnswer.reason(Array("<html>".utf8), 502) == "status 502")
    let forged = "<Error><Code>No\nlevel=error msg=x</Code></Error>"
    #expect(ErrorAnswer(Array(forged.utf8)).line(404) == "No level=error msg=x (status 404)")
  }

  @Test func `the body that completes an upload holds the tags as they are`() throws {
    let tags = [#""0""#, "a<b>&c", "<\u{301}&\u{301}\u{200D}", ""]
    var found: [String] = []
    try XMLReader.forEachElement(of: UploadAnswers.completion(etags: tags)) { path, text in
      if path.last == "ETag" { found.append(text) }
    }
    #expect(found.map { Array($0.utf8) } == tags.map { Array($0.utf8) })
  }

  @Test func `an upload is complete when its answer says so`() {
    let begun =
      "<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"
    #expect(UploadAnswers.uploadID(Array(begun.utf8)) == "7")
    #expect(UploadAnswers.uploadID(Array("<a><UploadId>7</UploadId></a>".utf8)) == nil)
    #expect(
      UploadAnswers.isComplete(
        Array("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>".utf8)))
    #expect(!UploadAnswers.isComplete(Array("<Error><Code>InternalError</Code></Error>".utf8)))
    #expect(!UploadAnswers.isComplete([]))
  }
}
