internal import ObjectStore
internal import TSDBBlock

/// Why blocks were not merged.
struct JobFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The block without which the others may go on; nil when no block is to blame.
  let block: BlockID?
  let reason: String

  var description: String { block.map { "block \($0): \(reason)" } ?? reason }

  static func blaming<Value>(
    _ block: BlockID?, _ body: () throws(BlockError) -> Value
  ) throws(JobFailure) -> Value {
    do {
      return try body()
    } catch {
      throw JobFailure(block: block, reason: error.description)
    }
  }
}
