public import TSDBBlock

extension IndexCacheItem {
  /// The series of a block that all of `matchers` select, whatever order they come in.
  public static func expandedPostings(of matchers: [LabelMatcher]) -> IndexCacheItem {
    .expandedPostings(matchers: MatcherText.joined(MatcherText.canonical(matchers)))
  }

  /// Bytes that a key in memory is said to take: the block's identity, lengths and places of
  /// texts, the texts. Part of `thanos_store_index_cache_total_size_bytes`.
  public var keySize: Int {
    let identity = 16
    let text = 16
    return switch self {
    case .postings(let name, let value): identity + 2 * text + name.count + value.count
    case .expandedPostings(let matchers): identity + text + matchers.utf8.count
    case .series: identity + 8
    }
  }

  /// The key under which Thanos processes keep the item in a cache they share.
  ///
  ///     P:ULID:digest:compression     BLAKE2b of name:value in base 64
  ///     EP:ULID:digest:compression    BLAKE2b of the matchers' text
  ///     S:ULID:offset                 as a decimal number
  ///
  /// - Parameter compression: the form of the lists, which the key names so that programs of
  ///   different forms do not meet; "" for lists as they stand in an index.
  public func remoteKey(of block: BlockID, compression: String = "dss") -> String {
    let suffix = compression.isEmpty ? "" : ":" + compression
    return switch self {
    case .postings(let name, let value):
      "P:\(block):\(Self.digest(name + [UInt8(ascii: ":")] + value))\(suffix)"
    case .expandedPostings(let matchers):
      "EP:\(block):\(Self.digest(Array(matchers.utf8)))\(suffix)"
    case .series(let offset): "S:\(block):\(UInt(bitPattern: offset))"
    }
  }

  private static func digest(_ text: [UInt8]) -> String {
    Base64URL.text(BLAKE2b.digest(of: text))
  }
}
