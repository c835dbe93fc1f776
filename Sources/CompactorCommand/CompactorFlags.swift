internal import ArgumentParser
internal import CommandSupport
internal import Compactor

/// All flags that say what is done to the blocks of a bucket.
struct CompactorFlags: ParsableArguments {
  @OptionGroup var options: CompactionOptions
  @OptionGroup var deduplication: DeduplicationOptions
  @OptionGroup var downsampling: DownsamplingOptions
  @OptionGroup var transfers: TransferOptions
  @OptionGroup var selector: SelectorOptions

  /// All of it but the selector, which has a file of its own.
  var configuration: CompactorConfiguration {
    var configuration = options.configuration
    deduplication.apply(to: &configuration)
    downsampling.apply(to: &configuration)
    transfers.apply(to: &configuration)
    return configuration
  }
}
