public import ArgumentParser
public import ObjectStore

extension ByteSize: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
