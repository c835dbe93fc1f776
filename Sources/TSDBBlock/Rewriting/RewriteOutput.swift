/// What became of a batch of series.
///
///     series   of the block that is made
///     aside    the same series in another block that is made on the way, see ``AsideBlock``
package struct RewriteOutput: Sendable {
  var series = SeriesRecords()
  var aside = SeriesRecords()
  /// Why there is nothing aside.
  var asideFailure: BlockError?

  package init() {}

  /// Forgets everything and keeps the memory.
  mutating func removeAll() {
    series.removeAll()
    aside.removeAll()
    asideFailure = nil
  }
}
