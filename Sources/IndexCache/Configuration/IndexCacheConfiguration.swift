public import ObjectStore
public import Telemetry

/// Which index cache to use: the document behind `--index-cache.config` and
/// `--index-cache.config-file`.
///
///     type: IN-MEMORY
///     config:
///       max_size: 250MiB
///       max_item_size: 125MiB
///     enabled_items: [Postings, Series, ExpandedPostings]     all, if left out or empty
///     ttl: 24h                                                for shared caches only
public struct IndexCacheConfiguration: Equatable, Sendable {
  /// What all items may be charged, and one of them. 0 for no cache.
  public let maximumSize: ByteSize
  public let maximumItemSize: ByteSize
  public let enabledKinds: Set<IndexCacheItem.Kind>

  private static let defaultSize = ByteSize(byteCount: 250 << 20)
  private static let defaultItemSize = ByteSize(byteCount: 125 << 20)
  /// Types of Thanos that this program does not have.
  private static let sharedTypes = ["MEMCACHED", "REDIS"]

  /// A cache in memory with the size that `--index-cache-size` gives.
  public init(size: ByteSize) {
    self.init(maximumSize: size, maximumItemSize: Self.smaller(Self.defaultItemSize, size))
  }

  init(
    maximumSize: ByteSize, maximumItemSize: ByteSize,
    enabledKinds: Set<IndexCacheItem.Kind> = Set(IndexCacheItem.Kind.allCases)
  ) {
    self.maximumSize = maximumSize
    self.maximumItemSize = maximumItemSize
    self.enabledKinds = enabledKinds
  }

  /// Reads the document strictly. Environment variables are expanded before, by the caller.
  public static func parse(
    yaml text: String
  ) throws(ConfigurationError) -> IndexCacheConfiguration {
    guard let node = try ConfigurationNode.root(ofYAML: text) else {
      throw ConfigurationError(
        detail: "the index cache configuration is empty; write \"type: IN-MEMORY\"")
    }
    let root = try StrictMapping(
      node, name: "the index cache configuration",
      known: ["type", "config", "enabled_items", "ttl"])
    try checkType(root)
    try checkLifetime(root)
    let kinds = try parseKinds(root)
    let config = try root["config"].map { node throws(ConfigurationError) in
      try StrictMapping(node, name: "config", known: ["max_size", "max_item_size"])
    }
    let size = try parseSize("max_size", in: config) ?? defaultSize
    let itemSize = try parseSize("max_item_size", in: config)
    if let itemSize, itemSize.byteCount > size.byteCount {
      throw ConfigurationError(
        line: config?["max_item_size"]?.line,
        detail: "max_item_size \(itemSize) is more than max_size \(size); lower it or leave it out")
    }
    return IndexCacheConfiguration(
      maximumSize: size, maximumItemSize: itemSize ?? smaller(defaultItemSize, size),
      enabledKinds: kinds)
  }

  /// The cache, empty.
  public func makeCache(registry: MetricRegistry) -> any IndexCache {
    guard maximumSize.byteCount > 0 else { return NoIndexCache() }
    return InMemoryIndexCache(
      maximumSize: maximumSize.byteCount, maximumItemSize: maximumItemSize.byteCount,
      enabledKinds: enabledKinds, registry: registry)
  }

  private static func smaller(_ left: ByteSize, _ right: ByteSize) -> ByteSize {
    left.byteCount < right.byteCount ? left : right
  }

  // MARK: - Keys

  private static func checkType(_ root: StrictMapping) throws(ConfigurationError) {
    let type = try root.string("type") ?? ""
    let line = root["type"]?.line ?? root.line
    switch type.uppercased() {
    case "IN-MEMORY": return
    case "":
      throw ConfigurationError(line: line, detail: "no type; write \"type: IN-MEMORY\"")
    case let upper where sharedTypes.contains(upper):
      throw ConfigurationError(
        line: line,
        detail: "type \(upper) is not served yet: this build keeps the index cache in its memory; "
          + "write \"type: IN-MEMORY\" and in config max_size")
    default:
      throw ConfigurationError(line: line, detail: "unknown type \"\(type)\"; use IN-MEMORY")
    }
  }

  private static func checkLifetime(_ root: StrictMapping) throws(ConfigurationError) {
    guard let text = try root.string("ttl") else { return }
    guard GoDuration.parse(text) != nil else {
      throw ConfigurationError(
        line: root["ttl"]?.line, detail: "ttl \"\(text)\" is no duration, such as \"24h\"")
    }
  }

  private static func parseKinds(
    _ root: StrictMapping
  ) throws(ConfigurationError) -> Set<IndexCacheItem.Kind> {
    let all = IndexCacheItem.Kind.allCases
    guard let node = root["enabled_items"] else { return Set(all) }
    guard let elements = node.elements else {
      throw ConfigurationError(
        line: node.line, detail: "enabled_items must be a list, such as \"[Postings, Series]\"")
    }
    var kinds: Set<IndexCacheItem.Kind> = []
    for element in elements {
      guard let kind = IndexCacheItem.Kind(rawValue: element.text ?? "") else {
        let names = all.map(\.rawValue).joined(separator: ", ")
        throw ConfigurationError(
          line: element.line,
          detail: "unknown item \"\(element.text ?? "")\" in enabled_items; known are \(names)")
      }
      kinds.insert(kind)
    }
    return kinds.isEmpty ? Set(all) : kinds
  }

  private static func parseSize(
    _ key: String, in config: StrictMapping?
  ) throws(ConfigurationError) -> ByteSize? {
    guard let text = try config?.string(key) else { return nil }
    guard let size = ByteSize(text) else {
      throw ConfigurationError(
        line: config?[key]?.line, detail: "\(key) \"\(text)\" is no size, such as \"250MiB\"")
    }
    return size
  }
}
