/// One operand much longer than the other: what is short looks up what is long.
extension PostingsAlgebra {
  /// Few ids in a long list.
  @inline(__always)
  static func searchEach(
    _ ids: inout [UInt32], count: Int, keepsFound: Bool, _ element: (Int) -> UInt32
  ) {
    var kept = 0
    var low = 0
    for index in 0..<ids.count {
      let id = ids[index]
      low = search(id, from: low, count: count, element)
      let found = low < count && element(low) == id
      if found == keepsFound {
        ids[kept] = id
        kept &+= 1
      }
    }
    ids.removeLast(ids.count - kept)
  }

  /// Keeps, of many ids, those of a short list.
  @inline(__always)
  static func pick(_ ids: inout [UInt32], count: Int, _ element: (Int) -> UInt32) {
    var kept = 0
    var low = 0
    for index in 0..<count {
      let id = element(index)
      low = search(id, from: low, count: ids.count) { ids[$0] }
      guard low < ids.count else { break }
      if ids[low] == id {
        ids[kept] = id
        kept &+= 1
        low &+= 1
      }
    }
    ids.removeLast(ids.count - kept)
  }

  /// Cuts the ids of a short list out of many; what lies between moves as a whole.
  @inline(__always)
  static func cut(_ ids: inout [UInt32], count: Int, _ element: (Int) -> UInt32) {
    var rest: [UInt32] = []
    rest.reserveCapacity(ids.count)
    var start = 0
    for index in 0..<count {
      let id = element(index)
      let place = search(id, from: start, count: ids.count) { ids[$0] }
      guard place < ids.count else { break }
      if ids[place] == id {
        rest.append(contentsOf: ids[start..<place])
        start = place &+ 1
      }
    }
    guard start > 0 else { return }
    rest.append(contentsOf: ids[start...])
    ids = rest
  }

  /// The first position from `start` on whose id is not below `id`: doubling steps, then halving.
  @inline(__always)
  static func search(
    _ id: UInt32, from start: Int, count: Int, _ element: (Int) -> UInt32
  ) -> Int {
    var low = start
    var step = 1
    while low + step < count && element(low + step) < id {
      low += step
      step *= 2
    }
    var high = min(low + step, count)
    while low < high {
      let middle = (low + high) / 2
      if element(middle) < id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
