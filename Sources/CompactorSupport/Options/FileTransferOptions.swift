internal import ArgumentParser
internal import CommandSupport
package import Compactor

/// Flags that say how the files of one block come from the bucket and go there.
package struct FileTransferOptions: ParsableArguments {
  @Option(
    name: .customLong("block-files-concurrency"),
    help: ArgumentHelp(
      "Files of one block downloaded or uploaded at once.", valueName: "n"))
  var concurrency = 1

  @OptionGroup var hashes: HashOptions

  package init() {}

  package func validate() throws {
    guard concurrency > 0 else {
      throw ValidationError("--block-files-concurrency must be at least 1")
    }
  }

  package func apply(to configuration: inout CompactorConfiguration) {
    configuration.transfers.fileConcurrency = concurrency
    configuration.transfers.hashFunction = hashes.function
  }
}
