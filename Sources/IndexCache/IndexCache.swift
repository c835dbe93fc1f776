public import TSDBBlock

/// Keeps parts of the indexes of remote blocks, so that a question asked again does not go to the
/// bucket again.
///
/// Values are in the form that Thanos processes share through remote caches. A cache may forget
/// whatever it likes, and what it returns may be damaged: whoever asks checks what comes back.
public protocol IndexCache: Sendable {
  /// The values of `items` of a block in the same order, nil for those that are not there.
  ///
  /// Never fails: a cache that is away has nothing.
  ///
  /// - Parameter tenant: who asks, as the label `tenant` of metrics shows it.
  func fetch(
    _ items: [IndexCacheItem], of block: BlockID, tenant: String
  ) async -> [[UInt8]?]

  /// Keeps values, some time after the call or never. Does not wait for anything.
  func store(
    _ entries: [(item: IndexCacheItem, value: [UInt8])], of block: BlockID, tenant: String)
}

/// A part of a block's index that is worth keeping.
public enum IndexCacheItem: Hashable, Sendable {
  /// The list of a label pair, in the form of ``PostingsCodec``.
  case postings(name: [UInt8], value: [UInt8])
  /// The series that a set of matchers selects, in the form of ``PostingsCodec``.
  ///
  /// The text is that of the matchers in their order: name, operator, value quoted as Go quotes
  /// it, joined by semicolons.
  case expandedPostings(matchers: String)
  /// A series entry without its length and its checksum, by its byte offset in the index.
  case series(offset: Int)
}
