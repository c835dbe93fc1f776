internal import TSDBBlock

/// Brings samples that come in any order into that of blocks, in bounded memory.
///
///     append ─► held in memory ── too many ──► run ┐
///                              ── too many ──► run ├──► window by window, series by series
///                              ── the end ───► run ┘
///
/// Runs lie in a file without a name: about eleven bytes a sample, and the labels of a series once in
/// each window.
final class SampleSort {
  private var held = HeldSamples()
  private var runs: [SampleRun] = []
  private var madeFile: SpillFile?
  private let heldByteCountLimit: Int
  private let directory: () throws(ToolError) -> String

  /// - Parameters:
  ///   - heldByteCountLimit: how much is held, not counting that arrays grow by doubling.
  ///   - directory: tells where the file is to be made.
  init(
    heldByteCountLimit: Int, directory: @escaping () throws(ToolError) -> String
  ) {
    self.heldByteCountLimit = heldByteCountLimit
    self.directory = directory
  }

  /// - Parameter text: the series, as a line has it.
  /// - Throws: ``OpenMetricsError`` about the text; ``ToolError`` when a series has two values at one
  ///   time, or the file cannot be written.
  func append(_ text: RawSpan, time: Int64, valueBits: UInt64) throws {
    try held.append(text, time: time, valueBits: valueBits)
    if held.byteCount >= heldByteCountLimit { try spill() }
  }

  /// Ends the appending.
  func finish() throws(ToolError) {
    if !held.isEmpty { try spill() }
  }

  private func spill() throws(ToolError) {
    try held.sort()
    let file = try file()
    try ToolError.telling { () throws(BlockError) in
      runs.append(try SampleRun(held, to: file))
    }
    held.removeAll()
  }

  private func file() throws(ToolError) -> SpillFile {
    if let madeFile { return madeFile }
    let file = SpillFile(path: try directory() + "/samples")
    madeFile = file
    return file
  }

  var isEmpty: Bool { runs.isEmpty && held.isEmpty }

  /// Starts of the windows that have samples, ascending.
  var windows: [Int64] { Set(runs.flatMap { $0.windows.map(\.start) }).sorted() }

  /// The series of a window.
  func series(of window: Int64) throws(ToolError) -> WindowSeries {
    let file = try file()
    return try WindowSeries(
      runs.compactMap { run in
        run.window(startingAt: window).map { SampleRunCursor(file, $0) }
      })
  }
}
