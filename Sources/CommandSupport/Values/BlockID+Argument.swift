public import ArgumentParser
public import TSDBBlock

/// A block on the command line: its ULID, 26 characters.
extension BlockID: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
