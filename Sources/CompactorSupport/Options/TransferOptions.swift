internal import ArgumentParser
internal import BlockCatalog
internal import CommandSupport
internal import Compactor

/// Flags that say how blocks come from the bucket and go there.
package struct TransferOptions: ParsableArguments {
  @Option(
    name: .customLong("compact.blocks-fetch-concurrency"),
    help: ArgumentHelp(
      "Blocks downloaded at once for one merge; a bucket that is a directory needs no download.",
      valueName: "n"))
  var blockConcurrency = 1

  @Option(
    name: .customLong("block-files-concurrency"),
    help: ArgumentHelp(
      "Files of one block downloaded or uploaded at once.", valueName: "n"))
  var fileConcurrency = 1

  @Option(
    name: .customLong("hash-func"),
    help: ArgumentHelp(
      """
      SHA256 writes hashes of the files of new blocks to meta.json, '' does not. Hashes that are \
      there are compared when a block is downloaded, and save what lies in --data-dir already.
      """, valueName: "name"))
  var hashFunction = HashFunction.none

  package init() {}

  package func validate() throws {
    guard blockConcurrency > 0 else {
      throw ValidationError("--compact.blocks-fetch-concurrency must be at least 1")
    }
    guard fileConcurrency > 0 else {
      throw ValidationError("--block-files-concurrency must be at least 1")
    }
  }

  func apply(to configuration: inout CompactorConfiguration) {
    configuration.transfers.blockConcurrency = blockConcurrency
    configuration.transfers.fileConcurrency = fileConcurrency
    configuration.transfers.hashFunction = hashFunction
  }
}
