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
    var token: String?
    var marker: String?
    var found: [Object] = []
    var frame = ListingFrame()
    try frame.read(bytes) { path, text in
      switch path {
      case "NextContinuationToken": token = text
      case "NextMarker": marker = text
      case "Contents.Key": object.key = text
      case "Contents.Size": object.size = ListingFrame.size(text)
      case "Contents.LastModified":
        if let time = ListingFrame.milliseconds(text) { object.modifiedMilliseconds = time }
      case "Contents":
        found.append(object)
        object = Object()
      default: break
      }
    }
    try frame.check(root: "ListBucketResult", "listing")
    objects = found.map { one in
      var one = one
      one.key = frame.plain(one.key)
      return one
    }
    prefixes = frame.prefixes
    if frame.isTruncated {
      // A listing of version 1 without a delimiter names no marker: its last key is one.
      let last = [objects.last?.key, prefixes.last].compactMap { $0 }
        .max { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      next = token ?? marker.map(frame.plain) ?? last
    }
  }
}
