/// A second block that is made of what passes by while a first one is made.
///
/// It may fail: then it is given up, and the first one goes on without it.
struct AsideBlock {
  /// The first reason why it cannot be had.
  private(set) var failure: BlockError?
  private(set) var summary = RewriteSummary()
  private let writer: BlockWriter

  /// - Parameter writer: a new one.
  init(_ writer: BlockWriter) { self.writer = writer }

  mutating func addSymbol(_ symbol: RawSpan) {
    attempt { (writer) throws(BlockError) in try writer.addSymbol(symbol) }
  }

  /// Writes the series behind those written before.
  mutating func write(_ output: RewriteOutput) {
    if failure == nil { failure = output.asideFailure }
    attempt { (writer) throws(BlockError) in try output.aside.write(to: writer) }
    summary.add(output.aside)
  }

  private mutating func attempt(_ body: (BlockWriter) throws(BlockError) -> Void) {
    guard failure == nil else { return }
    do {
      try body(writer)
    } catch {
      failure = error
    }
  }
}
