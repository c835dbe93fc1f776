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
