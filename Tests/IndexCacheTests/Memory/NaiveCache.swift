import IndexCache
import TSDBBlock

/// The obvious cache: a list, oldest first.
struct NaiveCache {
  struct Entry {
    let block: BlockID
    let item: IndexCacheItem
    let value: [UInt8]
  }

  struct Counts: Equatable {
    var requests = 0
    var hits = 0
    var added = 0
    var evicted = 0
    var overflowed = 0
  }

  let maximumSize: Int
  let maximumItemSize: Int
  var entries: [Entry] = []
  var counts: [IndexCacheItem.Kind: Counts] = [:]

  mutating func fetch(_ item: IndexCacheItem, of block: BlockID) -> [UInt8]? {
    counts[item.kind, default: Counts()].requests += 1
    let value = touch(item, of: block)
    if value != nil { counts[item.kind, default: Counts()].hits += 1 }
    return value
  }

  mutating func store(_ item: IndexCacheItem, _ value: [UInt8], of block: BlockID) {
    if let present = touch(item, of: block) {
      if present == value { return }
      entries.removeLast()
      counts[item.kind, default: Counts()].evicted += 1
    }
    let charge = 16 + value.count
    guard charge <= maximumItemSize, item.keySize <= 4 * maximumSize else {
      counts[item.kind, default: Counts()].overflowed += 1
      return
    }
    while size() + charge > maximumSize || keySize() + item.keySize > 4 * maximumSize {
      counts[entries.removeFirst().item.kind, default: Counts()].evicted += 1
    }
    entries.append(Entry(block: block, item: item, value: value))
    counts[item.kind, default: Counts()].added += 1
  }

  func size(_ kind: IndexCacheItem.Kind? = nil) -> Int {
    of(kind).reduce(0) { $0 + 16 + $1.value.count }
  }

  func keySize(_ kind: IndexCacheItem.Kind? = nil) -> Int {
    of(kind).reduce(0) { $0 + $1.item.keySize }
  }

  func of(_ kind: IndexCacheItem.Kind?) -> [Entry] {
    entries.filter { kind == nil || $0.item.kind == kind }
  }

  private mutating func touch(_ item: IndexCacheItem, of block: BlockID) -> [UInt8]? {
    guard let index = entries.firstIndex(where: { $0.block == block && $0.item == item }) else {
      return nil
    }
    let entry = entries.remove(at: index)
    entries.append(entry)
    return entry.value
  }
}
