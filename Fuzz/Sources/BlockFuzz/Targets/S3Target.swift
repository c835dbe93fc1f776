@testable internal import S3

/// The body of an answer of S3.
func fuzzS3(_ input: [UInt8]) {
  let line = ErrorAnswer(input).line(503)
  require(
    line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, "an error is one line")
  require(line.utf8.count < 2000, "an error is of bearable length")
  _ = UploadAnswers.uploadID(input)
  _ = UploadAnswers.isComplete(input)
  checkWriting(String(decoding: input, as: UTF8.self))
  guard let list = try? ListAnswer(input) else { return }
  // A tag that ends in itself is the shortest.
  require(list.objects.count <= input.count / 4, "objects are in proportion to the input")
  require(list.objects.allSatisfy { $0.size >= 0 }, "sizes are not negative")
}

/// What stands in our requests is read as it was.
private func checkWriting(_ text: String) {
  var tags: [String] = []
  try? XMLReader.forEachElement(of: UploadAnswers.completion(etags: [text, text])) { path, text in
    if path.last == "ETag" { tags.append(text) }
  }
  require(tags.map { Array($0.utf8) } == [text, text].map { Array($0.utf8) }, "tags survive")
  require(
    URIEncoding.decode(URIEncoding.encode(text)).utf8.elementsEqual(text.utf8), "names survive")
}
