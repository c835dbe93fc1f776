/// A page of a listing, of either version.
struct ListAnswer: Equatable, Sendable {
  struct Object: Equatable, Sendable {
    var key = ""
    var size = 0
    var modifiedMilliseconds: Int64 = 0
  }

  var objects: [Object] = []
  /// Beginnings of names that end with the delimiter.
  var prefixes: [String] = []
  /// Where the next page begins; nil on the last one.
  var next: String?

  init(_ bytes: [UInt8]) throws(XMLReader.Malformed) {
    var object = Object()
    var isTruncated = false
    var isEncoded = false
    var root = ""
    var token: String?
    var marker: String?
    var foundObjects: [Object] = []
    var foundPrefixes: [String] = []
    try XMLReader.forEachElement(of: bytes) { path, text in
      if path.count == 1 { root = path[0] }
      switch path.dropFirst().joined(separator: ".") {
      case "IsTruncated": isTruncated = text.trimmed == "true"
      case "EncodingType": isEncoded = text == "url"
      case "NextContinuationToken": token = text
      case "NextMarker": marker = text
      case "Contents.Key": object.key = text
      case "Contents.Size": object.size = max(0, Int(text.trimmed) ?? 0)
      case "Contents.LastModified":
        if let time = SigningTime(iso8601: String(text.trimmed)) {
          object.modifiedMilliseconds = time.seconds * 1000 + time.milliseconds
        }
      case "Contents":
        foundObjects.append(object)
        object = Object()
      case "CommonPrefixes.Prefix": foundPrefixes.append(text)
      default: break
      }
    }
    guard root == "ListBucketResult" else {
      throw XMLReader.Malformed(offset: 0, reason: "no listing but <\(root)>")
    }
    // Told at any place of the document, so decoded at its end.
    func plain(_ text: String) -> String { isEncoded ? URIEncoding.decode(text) : text }
    objects = foundObjects.map { found in
      var found = found
      found.key = plain(found.key)
      return found
    }
    prefixes = foundPrefixes.map(plain)
    if isTruncated {
      // A listing of version 1 without a delimiter names no marker: its last key is one.
      let last = [objects.last?.key, prefixes.last].compactMap { $0 }
        .max { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      next = token ?? marker.map(plain) ?? last
    }
  }
}
