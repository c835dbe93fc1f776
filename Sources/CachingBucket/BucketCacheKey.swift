internal import ObjectStore
internal import TSDBBlock

/// Keys of what is known of a bucket, those of Thanos, so that processes of both share a cache.
enum BucketCacheKey {
  static func attributes(_ name: ObjectName) -> String { "attrs:\(name)" }

  static func exists(_ name: ObjectName) -> String { "exists:\(name)" }

  static func content(_ name: ObjectName) -> String { "content:\(name)" }

  static func subrange(_ name: ObjectName, _ range: Range<Int>) -> String {
    "subrange:\(name):\(range.lowerBound):\(range.upperBound)"
  }

  /// Of the listing of the root.
  ///
  /// - Parameter hash: of the configuration, so that buckets do not meet.
  static func listing(hash: String) -> String { "iter::\(hash)" }

  /// The hash of a configuration: its text and the path it was read from, "" when it was none.
  static func hash(ofConfiguration text: String, path: String) -> String {
    "\(XXHash64.hash(Array(text.utf8) + Array(path.utf8)))"
  }
}
