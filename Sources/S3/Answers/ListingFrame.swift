/// What listings of objects and of versions have in common.
struct ListingFrame {
  private(set) var isTruncated = false
  /// Told at any place of the document, so texts are decoded at its end.
  private var isEncoded = false
  private var root = ""
  private var foundPrefixes: [String] = []

  /// Beginnings of names that end with the delimiter.
  var prefixes: [String] { foundPrefixes.map(plain) }

  /// Takes the elements of every listing and hands the others on, by their path below the root.
  mutating func read(
    _ bytes: [UInt8], _ other: (_ path: String, _ text: String) -> Void
  ) throws(XMLReader.Malformed) {
    var frame = self
    try XMLReader.forEachElement(of: bytes) { path, text in
      if path.count == 1 { frame.root = path[0] }
      let path = path.dropFirst().joined(separator: ".")
      switch path {
      case "IsTruncated": frame.isTruncated = text.trimmed == "true"
      case "EncodingType": frame.isEncoded = text == "url"
      case "CommonPrefixes.Prefix": frame.foundPrefixes.append(text)
      default: other(path, text)
      }
    }
    self = frame
  }

  /// - Throws: when the document is something else, which `kind` says what it should be.
  func check(root expected: String, _ kind: String) throws(XMLReader.Malformed) {
    guard root == expected else {
      throw XMLReader.Malformed(offset: 0, reason: "no \(kind) but <\(root)>")
    }
  }

  /// A name as it is in the bucket.
  func plain(_ text: String) -> String { isEncoded ? URIEncoding.decode(text) : text }

  /// Nothing sensible counts as no bytes.
  static func size(_ text: String) -> Int { max(0, Int(text.trimmed) ?? 0) }

  /// Milliseconds since 1970; nil when the text is no time.
  static func milliseconds(_ text: String) -> Int64? {
    SigningTime(iso8601: String(text.trimmed)).map { $0.seconds * 1000 + $0.milliseconds }
  }
}
