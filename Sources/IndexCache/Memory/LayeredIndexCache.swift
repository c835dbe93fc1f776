internal import TSDBBlock

/// A near cache before one that is farther away: what the near one does not have comes from the
/// other, and stays in the near one.
struct LayeredIndexCache: IndexCache {
  let near: any IndexCache
  let far: any IndexCache

  func fetch(
    _ items: [IndexCacheItem], of block: BlockID, tenant: String
  ) async -> [[UInt8]?] {
    var values = await near.fetch(items, of: block, tenant: tenant)
    let missing = items.indices.filter { $0 >= values.count || values[$0] == nil }
    guard !missing.isEmpty, values.count == items.count else { return values }
    let found = await far.fetch(missing.map { items[$0] }, of: block, tenant: tenant)
    var kept: [(item: IndexCacheItem, value: [UInt8])] = []
    for (place, value) in zip(missing, found) {
      guard let value else { continue }
      values[place] = value
      kept.append((items[place], value))
    }
    if !kept.isEmpty { near.store(kept, of: block, tenant: tenant) }
    return values
  }

  func store(
    _ entries: [(item: IndexCacheItem, value: [UInt8])], of block: BlockID, tenant: String
  ) {
    near.store(entries, of: block, tenant: tenant)
    far.store(entries, of: block, tenant: tenant)
  }
}
