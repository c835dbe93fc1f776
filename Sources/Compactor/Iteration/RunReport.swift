public import TSDBBlock

/// What a run did, and what it could not do.
public struct RunReport: Equatable, Sendable {
  /// The new blocks, in the order they were made.
  public internal(set) var mergedBlocks: [BlockID] = []
  public internal(set) var downsampledBlocks: [BlockID] = []
  public internal(set) var markedDuplicates = 0
  /// Blocks marked because their retention is over.
  public internal(set) var expiredBlocks = 0
  public internal(set) var deletedBlocks = 0
  /// Blocks that were left out because they could not be read, merged or downsampled.
  public internal(set) var skippedBlocks: Set<BlockID> = []
  /// Groups that were left alone because their blocks overlap.
  public internal(set) var overlappingGroups: [String] = []
  /// One line per failure.
  public internal(set) var failures: [String] = []

  public init() {}

  /// Everything there was to do was done.
  public var isClean: Bool { failures.isEmpty && overlappingGroups.isEmpty }

  /// Adds what another part of the run did.
  mutating func add(_ other: RunReport) {
    mergedBlocks += other.mergedBlocks
    downsampledBlocks += other.downsampledBlocks
    markedDuplicates += other.markedDuplicates
    expiredBlocks += other.expiredBlocks
    deletedBlocks += other.deletedBlocks
    skippedBlocks.formUnion(other.skippedBlocks)
    overlappingGroups += other.overlappingGroups
    failures += other.failures
  }
}
