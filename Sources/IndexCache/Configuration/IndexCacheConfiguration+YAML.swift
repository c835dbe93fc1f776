public import ObjectStore
internal import RemoteCache

extension IndexCacheConfiguration {
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
      known: ["type", "config", "enabled_items", "ttl", "in_memory"])
    let type = try root.string("type") ?? ""
    let line = root["type"]?.line ?? root.line
    let kinds = try parseKinds(root)
    let lifetime = try root.duration("ttl") ?? defaultLifetime
    switch type.uppercased() {
    case "IN-MEMORY":
      if let node = root["in_memory"] {
        throw ConfigurationError(
          line: node.line, detail: "in_memory is for MEMCACHED and REDIS; write config instead")
      }
      let (size, itemSize) = try parseSizes(root["config"], name: "config", unless: defaultSize)
      return IndexCacheConfiguration(
        maximumSize: size, maximumItemSize: itemSize, enabledKinds: kinds)
    case "MEMCACHED":
      let memcached = try MemcachedConfiguration(root["config"], line: root.line)
      return try configuration(root, .memcached(memcached), kinds, lifetime)
    case "REDIS":
      let redis = try RedisConfiguration(root["config"], line: root.line)
      return try configuration(
        root, .redis(redis), kinds, lifetime, memorySize: redis.memorySize)
    case "":
      throw ConfigurationError(line: line, detail: "no type; write \"type: IN-MEMORY\"")
    default:
      throw ConfigurationError(
        line: line, detail: "unknown type \"\(type)\"; use IN-MEMORY, MEMCACHED or REDIS")
    }
  }

  private static func configuration(
    _ root: StrictMapping, _ shared: Shared, _ kinds: Set<IndexCacheItem.Kind>,
    _ lifetime: Duration, memorySize: ByteSize = ByteSize(byteCount: 0)
  ) throws(ConfigurationError) -> IndexCacheConfiguration {
    let (size, itemSize) = try parseSizes(
      root["in_memory"], name: "in_memory",
      unless: root["in_memory"] == nil ? memorySize : defaultSize)
    guard lifetime > .zero else {
      throw root.wrong("ttl", "ttl must be longer than 0s")
    }
    return IndexCacheConfiguration(
      maximumSize: size, maximumItemSize: itemSize, enabledKinds: kinds, shared: shared,
      lifetime: lifetime)
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

  private static func parseSizes(
    _ node: ConfigurationNode?, name: String, unless absent: ByteSize
  ) throws(ConfigurationError) -> (size: ByteSize, itemSize: ByteSize) {
    guard let node else { return (absent, smaller(defaultItemSize, absent)) }
    let config = try StrictMapping(node, name: name, known: ["max_size", "max_item_size"])
    let size = try config.size("max_size") ?? absent
    let itemSize = try config.size("max_item_size")
    if let itemSize, itemSize.byteCount > size.byteCount {
      throw config.wrong(
        "max_item_size",
        "max_item_size \(itemSize) is more than max_size \(size); lower it or leave it out")
    }
    return (size, itemSize ?? smaller(defaultItemSize, size))
  }
}
