/// Why blocks could not be merged, and which of them is to blame.
public struct BlockMergeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Position of the guilty block among the inputs; nil when the output could not be written.
  public let input: Int?
  /// What is wrong.
  public let cause: BlockError

  /// An error of the input at a position; nil for the output.
  public init(input: Int?, cause: BlockError) {
    self.input = input
    self.cause = cause
  }

  /// The cause in one line.
  public var description: String { cause.description }

  /// Runs `body`; its errors are the fault of `input`.
  static func blaming<Value>(
    _ input: Int?, _ body: () throws(BlockError) -> Value
  ) throws(BlockMergeError) -> Value {
    do {
      return try body()
    } catch {
      throw BlockMergeError(input: input, cause: error)
    }
  }
}
