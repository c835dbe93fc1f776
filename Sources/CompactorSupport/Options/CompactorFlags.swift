package import ArgumentParser
package import CommandSupport
package import Compactor

/// All flags that say what is done to the blocks of a bucket.
package struct CompactorFlags: ParsableArguments {
  @OptionGroup package var options: CompactionOptions
  @OptionGroup package var deduplication: DeduplicationOptions
  @OptionGroup package var downsampling: DownsamplingOptions
  @OptionGroup package var transfers: TransferOptions
  @OptionGroup package var selector: SelectorOptions

  package init() {}

  /// All of it but the selector, which has a file of its own.
  package var configuration: CompactorConfiguration {
    var configuration = options.configuration
    deduplication.apply(to: &configuration)
    downsampling.apply(to: &configuration)
    transfers.apply(to: &configuration)
    return configuration
  }
}
