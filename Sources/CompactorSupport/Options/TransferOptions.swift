internal import ArgumentParser
internal import Compactor

/// Flags that say how blocks come from the bucket and go there.
package struct TransferOptions: ParsableArguments {
  @Option(
    name: .customLong("compact.blocks-fetch-concurrency"),
    help: ArgumentHelp(
      "Blocks downloaded at once for one merge; a bucket that is a directory needs no download.",
      valueName: "n"))
  var blockConcurrency = 1

  @OptionGroup var files: FileTransferOptions

  package init() {}

  package func validate() throws {
    guard blockConcurrency > 0 else {
      throw ValidationError("--compact.blocks-fetch-concurrency must be at least 1")
    }
  }

  func apply(to configuration: inout CompactorConfiguration) {
    configuration.transfers.blockConcurrency = blockConcurrency
    files.apply(to: &configuration)
  }
}
