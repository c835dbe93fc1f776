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
    var isInForm = true
    var (nextKey, nextVersion): (String?, String?)
    var found: [Entry] = []
    var frame = ListingFrame()
    try frame.read(bytes) { path, text in
      switch path {
      case "NextKeyMarker": nextKey = text
      case "NextVersionIdMarker": nextVersion = text
      case "Version.Key", "DeleteMarker.Key": entry.key = text
      case "Version.VersionId", "DeleteMarker.VersionId": entry.version = text
      case "Version.IsLatest", "DeleteMarker.IsLatest": entry.isLatest = text.trimmed == "true"
      case "Version.Size": entry.size = ListingFrame.size(text)
      case "Version.LastModified", "DeleteMarker.LastModified":
        if let time = ListingFrame.milliseconds(text) { entry.modifiedMilliseconds = time }
      case "Version", "DeleteMarker":
        entry.isMarker = path == "DeleteMarker"
        isInForm = isInForm && !entry.key.isEmpty && Self.isVersion(entry.version)
        found.append(entry)
        entry = Entry()
      default: break
      }
    }
    try frame.check(root: "ListVersionsResult", "listing of versions")
    guard isInForm else {
      throw XMLReader.Malformed(offset: 0, reason: "a version without key or identity")
    }
    entries = found.map { one in
      var one = one
      one.key = frame.plain(one.key)
      return one
    }
    prefixes = frame.prefixes
    if frame.isTruncated {
      guard let key = nextKey.map(frame.plain), !key.isEmpty else {
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
