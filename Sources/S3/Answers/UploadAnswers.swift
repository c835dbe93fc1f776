/// The answers of an upload in parts.
enum UploadAnswers {
  /// What parts name the upload by; nil when the body is something else.
  static func uploadID(_ body: [UInt8]) -> String? {
    value("UploadId", of: body, root: "InitiateMultipartUploadResult")
  }

  /// Whether the upload is complete: the status of the answer does not tell, because it is sent
  /// before the store has put the parts together. Stores differ in the end of the name.
  static func isComplete(_ body: [UInt8]) -> Bool {
    var root = ""
    try? XMLReader.forEachElement(of: body) { path, _ in root = path[0] }
    return root.hasPrefix("CompleteMultipartUpload")
  }

  /// The body that completes an upload.
  static func completion(etags: [String]) -> [UInt8] {
    var text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    for (place, etag) in etags.enumerated() {
      text += "<Part><ETag>\(escaped(etag))</ETag><PartNumber>\(place + 1)</PartNumber></Part>"
    }
    return Array((text + "</CompleteMultipartUpload>").utf8)
  }

  private static func value(_ name: String, of body: [UInt8], root: String) -> String? {
    var found: String?
    var isExpected = false
    do {
      try XMLReader.forEachElement(of: body) { path, text in
        if path == [root, name] { found = text }
        if path == [root] { isExpected = true }
      }
    } catch {
      return nil
    }
    return isExpected ? found : nil
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    // By scalar: a mark that combines with "<" makes a character that is not "<".
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
