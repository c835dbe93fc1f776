internal import ObjectStore
internal import TSDBBlock

/// Why blocks were not merged or downsampled.
struct JobFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The block without which the others may go on; nil when no block is to blame.
  let block: BlockID?
  let reason: String
  /// What is wrong with the block for good; nil when another try may do.
  let damage: BlockError.Code?

  init(block: BlockID?, reason: String, damage: BlockError.Code? = nil) {
    self.block = block
    self.reason = reason
    self.damage = damage
  }

  init(block: BlockID?, _ error: BlockError) {
    self.init(
      block: block, reason: error.description,
      damage: block != nil && Self.lasting.contains(error.code) ? error.code : nil)
  }

  /// Findings about bytes that were read. A file that cannot be opened may be there again.
  private static let lasting: Set<BlockError.Code> = [
    .badMagic, .unsupportedVersion, .truncated, .checksumMismatch, .malformed, .unsupportedEncoding,
    .badReference, .limitExceeded, .overlap,
  ]

  var description: String { block.map { "block \($0): \(reason)" } ?? reason }

  static func blaming<Value>(
    _ block: BlockID?, _ body: () throws(BlockError) -> Value
  ) throws(JobFailure) -> Value {
    do {
      return try body()
    } catch {
      throw JobFailure(block: block, error)
    }
  }
}
