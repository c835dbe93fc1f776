internal import ObjectStore
internal import RemoteCache

/// Where ranges are kept on a local disk: the part `config` of documents of type DISK.
///
///     directory: /var/cache/blockhouse
///     max_size: 100GiB
///     max_items: 2000000
struct DiskCacheConfiguration: Equatable, Sendable {
  var directory: String
  /// What all files may take.
  var maximumSize = ByteSize(byteCount: 10 << 30)
  /// Records that are known of at once: each takes some 50 bytes of memory.
  var maximumItems = 2_000_000

  init(directory: String) { self.directory = directory }

  init(_ node: ConfigurationNode?, line: Int?) throws(ConfigurationError) {
    let missing = "no directory in config; write \"directory: PATH\""
    guard let node else { throw ConfigurationError(line: line, detail: missing) }
    let config = try StrictMapping(
      node, name: "config", known: ["directory", "max_size", "max_items"])
    directory = try config.string("directory") ?? ""
    guard !directory.isEmpty else { throw config.wrong("directory", missing) }
    maximumSize = try config.size("max_size") ?? maximumSize
    guard maximumSize.byteCount >= 8 << 20 else {
      throw config.wrong("max_size", "max_size \(maximumSize) is too small; 8MiB is the least")
    }
    maximumItems = try config.count("max_items") ?? maximumItems
    guard maximumItems > 0 else {
      throw config.wrong("max_items", "max_items must be positive")
    }
  }
}
