/// What S3 says when it does not do what was asked.
struct ErrorAnswer: Equatable, Sendable {
  /// Such as `NoSuchKey`; empty when the body says none, as after HEAD.
  var code = ""
  var message = ""
  /// Where the bucket is, when the request went or was signed elsewhere.
  var region = ""
  var endpoint = ""
  /// The store's clock, when that of the request differs too much.
  var serverTime = ""

  init() {}

  /// Takes from the body what is there: gateways and proxies answer with all kinds of pages.
  init(_ body: [UInt8]) {
    var values: [String: String] = [:]
    try? XMLReader.forEachElement(of: body) { path, text in
      if let name = path.last, values[name] == nil { values[name] = text }
    }
    code = values["Code"] ?? ""
    message = values["Message"] ?? ""
    region = values["Region"] ?? values["BucketRegion"] ?? ""
    endpoint = values["Endpoint"] ?? ""
    serverTime = values["ServerTime"] ?? ""
  }

  /// One line about an answer.
  static func reason(_ body: [UInt8], _ status: Int) -> String {
    let answer = ErrorAnswer(body)
    return answer.code.isEmpty ? "status \(status)" : answer.line(status)
  }

  func line(_ status: Int) -> String {
    var text = code.isEmpty ? "status \(status)" : "\(Self.printable(code, 64)) (status \(status))"
    if !message.isEmpty { text += ": \(Self.printable(message, 300))" }
    return text
  }

  /// The store's words on one line of bearable length.
  private static func printable(_ text: String, _ limit: Int) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(limit).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
  }
}
