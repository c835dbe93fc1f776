public import ObjectStore
public import S3

/// Which bucket to use: the document behind `--objstore.config` and `--objstore.config-file`.
///
///     type: FILESYSTEM
///     config:
///       directory: /var/lib/blocks
///     prefix: cluster-1
///
/// May hold secrets; see ``S3Configuration``.
public struct BucketConfiguration: Equatable, Sendable {
  public enum Store: Equatable, Sendable {
    case filesystem(directory: String)
    case s3(S3Configuration)
  }

  public let store: Store
  /// Only what lies below this directory of the store is the bucket.
  public let prefix: ObjectName?

  public init(store: Store, prefix: ObjectName? = nil) {
    self.store = store
    self.prefix = prefix
  }

  /// Reads the document strictly. Environment variables are expanded before, by the caller.
  public static func parse(yaml text: String) throws(ConfigurationError) -> BucketConfiguration {
    guard let node = try ConfigurationNode.root(ofYAML: text) else {
      throw ConfigurationError(
        detail: "the bucket configuration is empty; write \"type: FILESYSTEM\" and, "
          + "under \"config:\", \"directory: PATH\"")
    }
    let root = try StrictMapping(
      node, name: "the bucket configuration",
      known: ["type", "config", "prefix", "hedging_config"])
    let hedging = try S3Hedging.parse(root["hedging_config"])
    var store = try StoreType.parse(root).store(root)
    if case .s3(var configuration) = store {
      configuration.hedging = hedging
      store = .s3(configuration)
    }
    return BucketConfiguration(store: store, prefix: try parsePrefix(root))
  }

  /// Whether both name the same objects, although perhaps by other ways to reach them.
  public func isSameBucket(as other: BucketConfiguration) -> Bool {
    guard prefix == other.prefix else { return false }
    switch (store, other.store) {
    case (.s3(let own), .s3(let other)): return own.isSameBucket(as: other)
    default: return store == other.store
    }
  }

  /// The local directory that is the bucket; nil for one that is far away.
  public var localDirectory: String? {
    guard case .filesystem(let directory) = store else { return nil }
    return prefix.map { "\(directory)/\($0)" } ?? directory
  }

  /// The bucket itself. Does not touch it: a missing directory is an empty bucket.
  ///
  /// - Throws: `permanent`, when a file that the configuration names cannot be used.
  public func makeBucket() throws(BucketError) -> any Bucket {
    let bucket: any Bucket =
      switch store {
      case .filesystem(let directory): try FilesystemBucket(directory: directory)
      case .s3(let configuration): try configuration.makeBucket()
      }
    return prefix.map { PrefixedBucket(bucket, prefix: $0) } ?? bucket
  }

  private static func parsePrefix(
    _ root: StrictMapping
  ) throws(ConfigurationError) -> ObjectName? {
    let text = (try root.string("prefix") ?? "").split(separator: "/").joined(separator: "/")
    guard !text.isEmpty else { return nil }
    do {
      return try ObjectName(text)
    } catch {
      throw ConfigurationError(
        line: root["prefix"]?.line, detail: "prefix is not valid: \(error.reason)")
    }
  }
}
