public import ObjectStore
internal import RemoteCache

extension CachingBucketConfiguration {
  private static let types = ["IN-MEMORY", "MEMCACHED", "REDIS", "DISK"]

  /// Reads the document strictly. Environment variables are expanded before, by the caller.
  ///
  /// - Parameter path: of the file that it was read from, nil when it was none: a part of some keys.
  public static func parse(
    yaml text: String, path: String? = nil
  ) throws(ConfigurationError) -> CachingBucketConfiguration {
    guard let node = try ConfigurationNode.root(ofYAML: text) else {
      throw ConfigurationError(
        detail: "the caching bucket configuration is empty; write \"type: IN-MEMORY\"")
    }
    let root = try StrictMapping(
      node, name: "the caching bucket configuration",
      known: [
        "type", "config", "chunk_subrange_size", "max_chunks_get_range_requests",
        "metafile_max_size", "chunk_object_attrs_ttl", "chunk_subrange_ttl", "blocks_iter_ttl",
        "metafile_exists_ttl", "metafile_doesnt_exist_ttl", "metafile_content_ttl",
      ])
    var rules = try rules(root)
    let store = try store(root)
    if case .disk = store {
      rules.keepsIndexes = true
      rules.tellsVersions = true
    }
    return CachingBucketConfiguration(
      store: store, rules: rules,
      hash: BucketCacheKey.hash(ofConfiguration: text, path: path ?? ""))
  }

  private static func store(_ root: StrictMapping) throws(ConfigurationError) -> Store {
    let type = try root.string("type") ?? ""
    switch type.uppercased() {
    case "IN-MEMORY":
      let sizes = try memorySizes(root["config"])
      return .memory(size: sizes.size, itemSize: sizes.itemSize)
    case "MEMCACHED":
      return .memcached(try MemcachedConfiguration(root["config"], line: root.line))
    case "REDIS": return .redis(try RedisConfiguration(root["config"], line: root.line))
    case "DISK": return .disk(try DiskCacheConfiguration(root["config"], line: root.line))
    case "GROUPCACHE":
      throw root.wrong(
        "type",
        "type GROUPCACHE is not supported: it lets anybody read the bucket over HTTP; use "
          + types.joined(separator: ", "))
    case "": throw root.wrong("type", "no type; write \"type: IN-MEMORY\"")
    default:
      throw root.wrong(
        "type", "unknown type \"\(type)\"; use \(types.joined(separator: ", "))")
    }
  }

  private static func memorySizes(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> (size: ByteSize, itemSize: ByteSize) {
    let size = ByteSize(byteCount: 250 << 20)
    let itemSize = ByteSize(byteCount: 125 << 20)
    guard let node else { return (size, itemSize) }
    let config = try StrictMapping(node, name: "config", known: ["max_size", "max_item_size"])
    let given = try config.size("max_size") ?? size
    let item = try config.size("max_item_size")
    if let item, item.byteCount > given.byteCount {
      throw config.wrong(
        "max_item_size",
        "max_item_size \(item) is more than max_size \(given); lower it or leave it out")
    }
    return (given, item ?? (itemSize.byteCount < given.byteCount ? itemSize : given))
  }

  private static func rules(_ root: StrictMapping) throws(ConfigurationError) -> CachingRules {
    var rules = CachingRules()
    rules.subrangeSize = try root.count("chunk_subrange_size") ?? rules.subrangeSize
    guard rules.subrangeSize > 0 else {
      throw root.wrong("chunk_subrange_size", "chunk_subrange_size must be positive")
    }
    // The reference takes negative numbers for any number too.
    let requests = try root.string("max_chunks_get_range_requests") ?? "3"
    guard let count = Int(requests) else {
      throw root.wrong(
        "max_chunks_get_range_requests",
        "max_chunks_get_range_requests \"\(requests)\" is no count, such as \"3\"")
    }
    rules.maximumRequests = max(count, 0)
    rules.maximumFileSize = try root.size("metafile_max_size")?.byteCount ?? rules.maximumFileSize
    rules.attributesLifetime =
      try root.duration("chunk_object_attrs_ttl") ?? rules.attributesLifetime
    rules.subrangeLifetime = try root.duration("chunk_subrange_ttl") ?? rules.subrangeLifetime
    rules.listingLifetime = try root.duration("blocks_iter_ttl") ?? rules.listingLifetime
    rules.existsLifetime = try root.duration("metafile_exists_ttl") ?? rules.existsLifetime
    rules.doesNotExistLifetime =
      try root.duration("metafile_doesnt_exist_ttl") ?? rules.doesNotExistLifetime
    rules.contentLifetime = try root.duration("metafile_content_ttl") ?? rules.contentLifetime
    return rules
  }
}
