/// Which bucket to use: the document behind `--objstore.config` and `--objstore.config-file`.
///
///     type: FILESYSTEM
///     config:
///       directory: /var/lib/blocks
///     prefix: cluster-1
public struct BucketConfiguration: Equatable, Sendable {
  public enum Store: Equatable, Sendable {
    case filesystem(directory: String)
  }

  public let store: Store
  /// Only what lies below this directory of the store is the bucket.
  public let prefix: ObjectName?

  public init(store: Store, prefix: ObjectName? = nil) {
    self.store = store
    self.prefix = prefix
  }

  /// Types of Thanos that this program does not have.
  private static let absentTypes = [
    "S3", "GCS", "AZURE", "SWIFT", "COS", "ALIYUNOSS", "BOS", "OCI", "OBS",
  ]

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
    if let hedging = root["hedging_config"] {
      _ = try StrictMapping(
        hedging, name: "hedging_config", known: ["enabled", "up_to", "quantile"])
    }
    return BucketConfiguration(store: try parseStore(root), prefix: try parsePrefix(root))
  }

  /// Whether both name the same objects, although perhaps by other ways to reach them.
  public func isSameBucket(as other: BucketConfiguration) -> Bool {
    store == other.store && prefix == other.prefix
  }

  /// The bucket itself. Does not touch it: a missing directory is an empty bucket.
  public func makeBucket() throws(BucketError) -> any Bucket {
    let bucket: any Bucket =
      switch store {
      case .filesystem(let directory): try FilesystemBucket(directory: directory)
      }
    return prefix.map { PrefixedBucket(bucket, prefix: $0) } ?? bucket
  }

  private static func parseStore(_ root: StrictMapping) throws(ConfigurationError) -> Store {
    let type = try root.string("type")?.uppercased()
    let line = root["type"]?.line
    switch type {
    case "FILESYSTEM": break
    case nil, "":
      throw ConfigurationError(line: root.line, detail: "no type; write \"type: FILESYSTEM\"")
    case let type? where absentTypes.contains(type):
      throw ConfigurationError(
        line: line, detail: "type \(type) is not supported: this build reads FILESYSTEM buckets")
    case let type?:
      throw ConfigurationError(line: line, detail: "unknown type \"\(type)\"; use FILESYSTEM")
    }
    guard let node = root["config"] else {
      throw ConfigurationError(
        line: root.line, detail: "no config; write \"config:\" and below it \"directory: PATH\"")
    }
    let config = try StrictMapping(node, name: "config", known: ["directory"])
    guard let directory = try config.string("directory"), !directory.isEmpty else {
      throw ConfigurationError(line: config.line, detail: "no directory in config")
    }
    return .filesystem(directory: directory)
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
