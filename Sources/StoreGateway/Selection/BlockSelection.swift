/// What the choice of blocks looks at. Times in milliseconds, the end exclusive.
struct BlockExtent: Equatable, Sendable {
  var minTime: Int64
  var maxTime: Int64
  /// 0, or the step in milliseconds that the block was downsampled to.
  var resolution: Int64
}

/// Chooses the blocks of one external label set that answer a query: the coarsest resolution that
/// is allowed, and finer ones only where there is no coarser block.
///
///     1h     ├────────────┤              ├──────────┤
///     5m     ├─────┼──────┼─────┤
///     raw    ├──┼──┼──┼───┼──┼──┼────┼───┤
///     answer ├───── 1h ───┼─ 5m ┼ raw┼raw┼─── 1h ───┤
///
/// Data that was only kept at a coarser resolution than the query allows is not found.
struct BlockSelection: Sendable {
  /// Coarsest first; the only ones that are ever made.
  static let resolutions: [Int64] = [3_600_000, 300_000, 0]

  /// Per resolution, positions in the array given to `init`, sorted by start and end.
  private var blocks: [[(position: Int, extent: BlockExtent)]]

  /// Blocks of another resolution than the three known ones are never chosen.
  init(_ extents: [BlockExtent]) {
    let numbered = extents.enumerated().map { (position: $0.offset, extent: $0.element) }
    blocks = Self.resolutions.map { resolution in
      numbered.filter { $0.extent.resolution == resolution }.sorted { left, right in
        (left.extent.minTime, left.extent.maxTime, left.position)
          < (right.extent.minTime, right.extent.maxTime, right.position)
      }
    }
  }

  /// Positions of the chosen blocks in the order of time.
  ///
  /// - Parameters:
  ///   - minTime: First millisecond asked for.
  ///   - maxTime: Last millisecond asked for, inclusive.
  ///   - maxResolution: Coarsest resolution allowed; a negative one is like 0.
  func blocks(minTime: Int64, maxTime: Int64, maxResolution: Int64) -> [Int] {
    let finest = Self.resolutions.count - 1
    let level = Self.resolutions.firstIndex { $0 <= maxResolution } ?? finest
    var chosen: [Int] = []
    fill(minTime, maxTime, level: level, into: &chosen)
    return chosen
  }

  private func fill(_ minTime: Int64, _ maxTime: Int64, level: Int, into chosen: inout [Int]) {
    guard minTime <= maxTime, level < blocks.count else { return }
    var start = minTime
    for (position, extent) in blocks[level] where extent.maxTime > minTime {
      guard extent.minTime <= maxTime else { break }
      if extent.minTime > start {
        fill(start, extent.minTime - 1, level: level + 1, into: &chosen)
      }
      chosen.append(position)
      start = max(start, extent.maxTime)
    }
    fill(start, maxTime, level: level + 1, into: &chosen)
  }
}
