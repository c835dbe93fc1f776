/// Some series of the blocks that are rewritten, in order, with all that the blocks hold of each.
///
///     series   │ a          │ b │ …          labels, and which inputs have it
///     parts    │ A     │ B  │ A │ …          one input's chunks of one series
///     chunks   │ 1 2 3 │ 1 2│ 1 │ …
///
/// All lists lie behind each other in four arrays, so that a batch of a thousand chunks is five
/// allocations and can be handed to another thread.
package struct RewriteBatch: Sendable {
  struct Series {
    var labels: Range<Int>
    var hash: LabelHash
    var parts: Range<Int>
  }

  struct Part {
    /// Position of the block among the inputs.
    var input: Int
    /// The series' number in that block.
    var id: UInt32
    var chunks: Range<Int>
  }

  private(set) var series: [Series] = []
  private(set) var parts: [Part] = []
  /// As ordinals of the ``SymbolUnion``.
  private(set) var labels: [LabelReference] = []
  private(set) var chunks: [ChunkSpan] = []

  /// Begins the next series.
  mutating func beginSeries(_ references: [LabelReference], _ hash: LabelHash) {
    let start = labels.count
    labels += references
    series.append(
      Series(labels: start..<labels.count, hash: hash, parts: parts.count..<parts.count))
  }

  /// Adds what one more input holds of the current series.
  mutating func addPart(_ input: Int, id: UInt32, _ spans: [ChunkSpan]) {
    let start = chunks.count
    chunks += spans
    parts.append(Part(input: input, id: id, chunks: start..<chunks.count))
    let last = series.count - 1
    series[last].parts = series[last].parts.lowerBound..<parts.count
  }
}
