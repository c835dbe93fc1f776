/// A failure that ends a program with one line on standard error.
public struct CommandError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
