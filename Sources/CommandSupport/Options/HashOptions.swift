public import ArgumentParser
public import BlockCatalog

/// `--hash-func`: whether meta.json of a new block lists what its files hash to.
public struct HashOptions: ParsableArguments {
  @Option(
    name: .customLong("hash-func"),
    help: ArgumentHelp(
      "SHA256 writes hashes of the files of new blocks to meta.json, '' does not.",
      valueName: "name"))
  public var function = HashFunction.none

  public init() {}
}
