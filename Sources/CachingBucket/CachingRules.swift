internal import ObjectStore
internal import TSDBBlock

/// What of a bucket is kept, and for how long.
struct CachingRules: Equatable, Sendable {
  var subrangeSize = 16_000
  /// Requests for one range; 0 for any number.
  var maximumRequests = 3
  /// Larger files are not kept.
  var maximumFileSize = 1 << 20
  var attributesLifetime = Duration.seconds(24 * 3600)
  var subrangeLifetime = Duration.seconds(24 * 3600)
  var listingLifetime = Duration.seconds(300)
  var existsLifetime = Duration.seconds(2 * 3600)
  var doesNotExistLifetime = Duration.seconds(15 * 60)
  var contentLifetime = Duration.seconds(24 * 3600)
  /// Whether ranges of indexes are kept too, which Thanos does not do.
  var keepsIndexes = false
  /// Whether keys of ranges tell the size and the time of the object, because the cache outlives
  /// what it was filled from.
  var tellsVersions = false

  /// How ranges are kept, by the word that metrics have for it; nil when they are not.
  func ranges(of name: ObjectName) -> String? {
    let parts = name.components
    if parts.count >= 2, parts[parts.count - 2] == "chunks",
      let file = parts.last, file.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    {
      return Self.chunks
    }
    return keepsIndexes && parts.count == 2 && parts[1] == "index" ? Self.indexes : nil
  }

  /// Whether a file's content and existence are kept.
  func keepsContent(of name: ObjectName) -> Bool {
    let parts = name.components
    return parts.count >= 2 && (parts.last == "meta.json" || parts.last == "deletion-mark.json")
  }

  static let chunks = "chunks"
  static let indexes = "index"
  static let metas = "meta.jsons"
  static let listings = "blocks-iter"
}
