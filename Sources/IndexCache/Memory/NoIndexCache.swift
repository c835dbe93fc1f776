public import TSDBBlock

/// Keeps nothing.
public struct NoIndexCache: IndexCache {
  public init() {}

  public func fetch(
    _ items: [IndexCacheItem], of block: BlockID, tenant: String
  ) async -> [[UInt8]?] {
    Array(repeating: nil, count: items.count)
  }

  public func store(
    _ entries: [(item: IndexCacheItem, value: [UInt8])], of block: BlockID, tenant: String
  ) {}
}
