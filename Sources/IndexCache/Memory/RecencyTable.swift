/// A hash table that knows which of its entries was not used for longest. Every operation takes the
/// same time however many entries there are.
///
///     places  ┌ hash u32 │ node + 1 u32 ┐ …     open addressing; 0 where nothing is
///     pages   ┌ key, value │ hash │ older │ newer ┐ × 1024 …
///             nodes form a ring through the lists' ends: oldest … newest
///
/// Nodes lie in pages, so growing moves none of them, and places hold enough of the hash that
/// growing looks at no node: whoever waits for the lock around a table does not wait for long.
package struct RecencyTable<Key: Equatable, Value> {
  private struct Node {
    /// Nil in a node that waits to be used again.
    var entry: (key: Key, value: Value)?
    var hash: UInt32
    var older: UInt32
    var newer: UInt32
  }

  private static var pageShift: Int { 10 }
  private static var none: UInt32 { .max }
  /// Entries that numbers of 32 bits can tell apart.
  private static var countLimit: Int { Int(UInt32.max) - 2 }

  private var places = [UInt64](repeating: 0, count: 16)
  private var pages: [[Node]] = []
  private var nodeCount = 0
  /// First of the nodes that wait to be used again, linked through `older`.
  private var free = RecencyTable.none
  private var oldest = RecencyTable.none
  private var newest = RecencyTable.none
  package private(set) var count = 0

  package init() {}

  /// Whether an entry must go before another can come.
  package var isFull: Bool { count == Self.countLimit }

  /// The value of `key`, which becomes the newest entry; nil where there is none.
  ///
  /// - Parameter hash: any hash of the key, the same in every call.
  package mutating func value(for key: Key, hash: UInt32) -> Value? {
    guard let node = find(key, hash: hash) else { return nil }
    if node != newest {
      unlink(node)
      linkAsNewest(node)
    }
    return self[node].entry?.value
  }

  /// Adds the newest entry. The key must not be there.
  package mutating func insert(_ value: Value, for key: Key, hash: UInt32) {
    if 3 * (count + 1) > 2 * places.count { grow() }
    let node = takeNode(Node(entry: (key, value), hash: hash, older: Self.none, newer: Self.none))
    linkAsNewest(node)
    Self.place(UInt64(hash) << 32 | UInt64(node) + 1, in: &places)
    count += 1
  }

  /// Takes out what was not used for longest; nil when the table is empty.
  package mutating func removeOldest() -> (key: Key, value: Value)? {
    guard oldest != Self.none else { return nil }
    return take(oldest)
  }

  /// Takes out the entry of `key`; nil when there is none.
  package mutating func remove(_ key: Key, hash: UInt32) -> (key: Key, value: Value)? {
    find(key, hash: hash).flatMap { take($0) }
  }

  private mutating func take(_ node: UInt32) -> (key: Key, value: Value)? {
    unlink(node)
    removePlace(of: node)
    let entry = self[node].entry
    self[node].entry = nil
    self[node].older = free
    free = node
    count -= 1
    return entry
  }

  // MARK: - Nodes

  private subscript(node: UInt32) -> Node {
    _read {
      yield pages[Int(node) >> Self.pageShift][Int(node) & (1 << Self.pageShift - 1)]
    }
    _modify {
      yield &pages[Int(node) >> Self.pageShift][Int(node) & (1 << Self.pageShift - 1)]
    }
  }

  private mutating func takeNode(_ content: Node) -> UInt32 {
    if free != Self.none {
      let node = free
      free = self[node].older
      self[node] = content
      return node
    }
    if nodeCount & (1 << Self.pageShift - 1) == 0 {
      var page: [Node] = []
      // A small table does not take a page for itself.
      if nodeCount > 0 { page.reserveCapacity(1 << Self.pageShift) }
      pages.append(page)
    }
    pages[pages.count - 1].append(content)
    nodeCount += 1
    return UInt32(nodeCount - 1)
  }

  // MARK: - Order

  private mutating func unlink(_ node: UInt32) {
    let (older, newer) = (self[node].older, self[node].newer)
    if older == Self.none { oldest = newer } else { self[older].newer = newer }
    if newer == Self.none { newest = older } else { self[newer].older = older }
  }

  private mutating func linkAsNewest(_ node: UInt32) {
    self[node].older = newest
    self[node].newer = Self.none
    if newest == Self.none { oldest = node } else { self[newest].newer = node }
    newest = node
  }

  // MARK: - Places

  private func find(_ key: Key, hash: UInt32) -> UInt32? {
    let mask = places.count - 1
    var position = Int(hash) & mask
    while places[position] != 0 {
      let place = places[position]
      if place >> 32 == UInt64(hash) {
        let node = UInt32(truncatingIfNeeded: place) &- 1
        if self[node].entry?.key == key { return node }
      }
      position = (position + 1) & mask
    }
    return nil
  }

  private static func place(_ place: UInt64, in places: inout [UInt64]) {
    let mask = places.count - 1
    var position = Int(place >> 32) & mask
    while places[position] != 0 { position = (position + 1) & mask }
    places[position] = place
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: 2 * places.count)
    for place in places where place != 0 { Self.place(place, in: &larger) }
    places = larger
  }

  /// Empties a place and moves up those behind it that would no longer be found.
  private mutating func removePlace(of node: UInt32) {
    let mask = places.count - 1
    let sought = UInt64(self[node].hash) << 32 | UInt64(node) + 1
    var hole = Int(sought >> 32) & mask
    while places[hole] != sought { hole = (hole + 1) & mask }
    var position = (hole + 1) & mask
    while places[position] != 0 {
      let home = Int(places[position] >> 32) & mask
      if (position - home) & mask >= (position - hole) & mask {
        places[hole] = places[position]
        hole = position
      }
      position = (position + 1) & mask
    }
    places[hole] = 0
  }
}
