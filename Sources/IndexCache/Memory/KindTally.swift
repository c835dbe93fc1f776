/// A count for each kind of item.
struct KindTally {
  private var counts = InlineArray<3, Int>(repeating: 0)

  subscript(kind: IndexCacheItem.Kind) -> Int {
    get { counts[kind.index] }
    set { counts[kind.index] = newValue }
  }
}
