/// Restores the order of a block's series after constant labels were put into each of them, while
/// holding only a handful back.
///
/// Postings deliver series sorted by their own labels. A constant label `e` changes the order of
/// neighbours in one case only: the first is a beginning of the second, and the second goes on
/// with a name before `e`:
///
///     {a=1}       ─► {a=1, e=x}              comes second
///     {a=1, b=2}  ─► {a=1, b=2, e=x}         comes first
///
/// So a series is held while the following ones extend it in that way. Held series are beginnings
/// of each other: there are never more of them than a series has labels. Once a series comes that
/// sorts behind a held one, so do all later ones, and the held one is free to go.
struct HoldBack {
  /// Positions in the window; every next one sorts before the one below it.
  private var held: [Int] = []

  /// Takes the series at `index`, the next in the order of the block, and appends to `released`
  /// those that are in their final order now.
  mutating func admit(_ index: Int, in window: borrowing SeriesWindow, released: inout [Int]) {
    // The one before, which is at the top, need not be compared with one that does not extend it.
    if !window.extendsPrevious[index], let top = held.popLast() { released.append(top) }
    while let top = held.last, SeriesWindow.compare(window, top, window, index) <= 0 {
      released.append(top)
      held.removeLast()
    }
    held.append(index)
  }

  /// Releases everything: the block has no more series.
  mutating func finish(released: inout [Int]) {
    while let top = held.popLast() { released.append(top) }
  }

  /// Moves the held series from a window that is used up to the end of the next one.
  mutating func carryOver(from old: borrowing SeriesWindow, to next: inout SeriesWindow) {
    for place in held.indices {
      next.append(held[place], of: old)
      held[place] = next.count - 1
    }
  }
}
