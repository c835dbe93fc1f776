/// A page of a listing of versions.
struct VersionsAnswer: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    var key = ""
    var version = ""
    var isMarker = false
    /// Whether it is what the object is now.
    var isLatest = false
    var size = 0
    var modifiedMilliseconds: Int64 = 0
  }

  /// Where a page begins: behind this version, or behind all of this key.
  struct Place: Equatable, Sendable {
    var key: String
    var version: String?
  }

  /// What S3 allows.
  private static let maximumVersionByteCount = 1024

  /// In the order of the document.
  var entries: [Entry] = []
  /// Beginnings of names that end with the delimiter.
  var prefixes: [String] = []
  /// Where the next page begins; nil on the last one.
  var next: Place?

  init(_ bytes: [UInt8]) throws(XMLReader.Malformed) {
    var entry = Entry()
    var isTruncated = false
    var isEncoded = false
    var isInForm = true
    var root = ""
    var (nextKey, nextVersion): (String?, String?)
    var found: [Entry] = []
    var foundPrefixes: [String] = []
    try XMLReader.forEachElement(of: bytes) { path, text in
      if path.count == 1 { root = path[0] }
      switch path.dropFirst().joined(separator: ".") {
      case "IsTruncated": isTruncated = text.trimmed == "true"
      case "EncodingType": isEncoded = text == "url"
      case "NextKeyMarker": nextKey = text
      case "NextVersionIdMarker": nextVersion = text
      case "Version.Key", "DeleteMarker.Key": entry.key = text
      case "Version.VersionId", "DeleteMarker.VersionId": entry.version = text
      case "Version.IsLatest", "DeleteMarker.IsLatest": entry.isLatest = text.trimmed == "true"
      case "Version.Size": entry.size = max(0, Int(text.trimmed) ?? 0)
      case "Version.LastModified", "DeleteMarker.LastModified":
        if let time = SigningTime(iso8601: String(text.trimmed)) {
          entry.modifiedMilliseconds = time.seconds * 1000 + time.milliseconds
        }
      case "Version", "DeleteMarker":
        entry.isMarker = path.last == "DeleteMarker"
        isInForm = isInForm && !entry.key.isEmpty && Self.isVersion(entry.version)
        found.append(entry)
        entry = Entry()
      case "CommonPrefixes.Prefix": foundPrefixes.append(text)
      default: break
      }
    }
    guard root == "ListVersionsResult" else {
      throw XMLReader.Malformed(offset: 0, reason: "no listing of versions but <\(root)>")
    }
    guard isInForm else {
      throw XMLReader.Malformed(offset: 0, reason: "a version without key or identity")
    }
    // Told at any place of the document, so decoded at its end.
    func plain(_ text: String) -> String { isEncoded ? URIEncoding.decode(text) : text }
    entries = found.map { one in
      var one = one
      one.key = plain(one.key)
      return one
    }
    prefixes = foundPrefixes.map(plain)
    if isTruncated {
      guard let key = nextKey.map(plain), !key.isEmpty else {
        throw XMLReader.Malformed(offset: 0, reason: "a page that does not tell the next one")
      }
      next = Place(key: key, version: nextVersion.flatMap { $0.isEmpty ? nil : $0 })
    }
  }

  private static func isVersion(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= maximumVersionByteCount
      && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
  }
}
