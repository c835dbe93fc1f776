/// What a client asked for.
public struct AdminRequest: Sendable {
  /// As sent, without the external prefix.
  public var path: String
  /// The last value of each parameter behind the question mark, decoded.
  public var query: [String: String]
  /// The header `Accept`.
  public var accept: String?
  /// What links in the answer begin with: "" or `/prefix`.
  public var linkPrefix: String
  /// From the client where it sent one, else made for this request.
  public var id: String
  /// At most 1 MiB.
  public var body: [UInt8]

  public init(
    path: String, query: [String: String] = [:], accept: String? = nil, linkPrefix: String = "",
    id: String = "", body: [UInt8] = []
  ) {
    self.path = path
    self.query = query
    self.accept = accept
    self.linkPrefix = linkPrefix
    self.id = id
    self.body = body
  }

  /// The fields of a form: those of the body, else those behind the question mark.
  public var form: [String: String] {
    query.merging(Self.fields(ofForm: String(decoding: body, as: UTF8.self))) { $1 }
  }

  /// Whether the client would rather read JSON than plain text.
  var prefersJSON: Bool {
    query["format"] == "json" || (accept ?? "").lowercased().contains("json")
  }

  /// `a=1&b=x+y%21` as fields; the last of equal names counts.
  static func fields(ofForm text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      fields[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
    }
    return fields
  }

  /// Percent signs and plus signs decoded; what is no valid escape stays as it is.
  private static func decoded(_ text: Substring) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        let digits = String(decoding: bytes[position...].dropFirst().prefix(2), as: UTF8.self)
        if digits.utf8.count == 2, let byte = UInt8(digits, radix: 16) {
          result.append(byte)
          position += 2
        } else {
          result.append(bytes[position])
        }
      case let byte: result.append(byte)
      }
      position += 1
    }
    return String(decoding: result, as: UTF8.self)
  }
}
