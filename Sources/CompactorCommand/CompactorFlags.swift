internal import ArgumentParser
internal import CommandSupport
internal import Compactor
internal import Logging

/// All flags that say what is done to the blocks of a bucket.
struct CompactorFlags: ParsableArguments {
  @OptionGroup var options: CompactionOptions
  @OptionGroup var deduplication: DeduplicationOptions
  @OptionGroup var downsampling: DownsamplingOptions
  @OptionGroup var selector: SelectorOptions

  func configuration(_ logger: Logger) async throws(CommandError) -> CompactorConfiguration {
    var configuration = options.configuration
    deduplication.apply(to: &configuration)
    downsampling.apply(to: &configuration)
    configuration.selector = try await selector.selector(logger)
    return configuration
  }
}
