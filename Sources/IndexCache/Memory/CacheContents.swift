internal import TSDBBlock

/// What an in-memory cache holds, and what its entries are charged.
///
/// An entry is charged for its value and the 16 bytes that describe a slice in Go, so that a size
/// means here what it means in Thanos. Keys are not charged; as questions make them up, theirs is a
/// bound of its own, which ordinary contents do not reach.
struct CacheContents {
  /// Names an item of a block.
  struct Key: Equatable {
    let block: BlockID
    let item: IndexCacheItem
  }

  /// What a series of additions did.
  struct Change {
    var added = KindTally()
    var evicted = KindTally()
    var overflowed = KindTally()
    /// Of the charges of all entries, and of those with their keys.
    var charge = KindTally()
    var total = KindTally()
    /// Kept until the lock is open: freeing many of them takes time.
    var removed: [(key: Key, value: [UInt8])] = []
  }

  static let valueOverhead = 16
  /// Keys may take this many times the size of the cache.
  private static let keyAllowance = 4

  private let maximumSize: Int
  private let maximumItemSize: Int
  private var table = RecencyTable<Key, [UInt8]>()
  private var charged = 0
  private var keyBytes = 0

  init(maximumSize: Int, maximumItemSize: Int) {
    self.maximumSize = maximumSize
    self.maximumItemSize = maximumItemSize
  }

  /// The value, whose entry is now the newest.
  mutating func value(for key: Key, hash: UInt32) -> [UInt8]? {
    table.value(for: key, hash: hash)
  }

  /// Adds an entry, for which the oldest ones make room. One that is there is the newest then; one
  /// of another value goes: whoever stores again may have found it damaged.
  mutating func add(_ value: [UInt8], for key: Key, hash: UInt32, change: inout Change) {
    if let present = table.value(for: key, hash: hash) {
      guard present != value else { return }
      if let replaced = table.remove(key, hash: hash) { evict(replaced, change: &change) }
    }
    let kind = key.item.kind
    let charge = Self.valueOverhead + value.count
    let keySize = key.item.keySize
    let keyLimit = maximumSize.multipliedReportingOverflow(by: Self.keyAllowance)
    let maximumKeyBytes = keyLimit.overflow ? .max : keyLimit.partialValue
    guard charge <= min(maximumItemSize, maximumSize), keySize <= maximumKeyBytes else {
      change.overflowed[kind] += 1
      return
    }
    while charged > maximumSize - charge || keyBytes > maximumKeyBytes - keySize || table.isFull {
      guard let oldest = table.removeOldest() else { break }
      evict(oldest, change: &change)
    }
    table.insert(value, for: key, hash: hash)
    account(key.item, value, sign: 1, change: &change)
    change.added[kind] += 1
  }

  private mutating func evict(_ entry: (key: Key, value: [UInt8]), change: inout Change) {
    account(entry.key.item, entry.value, sign: -1, change: &change)
    change.evicted[entry.key.item.kind] += 1
    change.removed.append(entry)
  }

  private mutating func account(
    _ item: IndexCacheItem, _ value: [UInt8], sign: Int, change: inout Change
  ) {
    let charge = Self.valueOverhead + value.count
    let keySize = item.keySize
    charged += sign * charge
    keyBytes += sign * keySize
    change.charge[item.kind] += sign * charge
    change.total[item.kind] += sign * (charge + keySize)
  }
}
