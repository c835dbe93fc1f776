public import TSDBBlock

/// What became of a block when the bucket was looked at. Values of the label `state`.
public enum SyncState: String, CaseIterable, Sendable {
  case loaded
  case noMeta = "no-meta-json"
  case corruptedMeta = "corrupted-meta-json"
  case failed
  case timeExcluded = "time-excluded"
  case labelExcluded = "label-excluded"
  case tooFresh = "too-fresh"
  case markedForDeletion = "marked-for-deletion"
  case markedForNoCompact = "marked-for-no-compact"
  case markedForNoDownsample = "marked-for-no-downsample"
  case duplicate
  case parquetMigrated = "parquet-migrated"
  /// Served from the bucket of converted blocks by somebody else.
  case parquetConverted = "parquet-converted"
}

/// The blocks of a bucket at one moment. Immutable.
public struct CatalogSnapshot: Sendable {
  /// A block that passed all rules.
  public struct Entry: Sendable {
    /// As in the bucket, but without replica labels when these are taken off.
    public var meta: BlockMeta
    /// Present while the mark is too young to hide the block.
    public var deletionMark: DeletionMark?
    public var noCompactMark: NoCompactMark?
    public var noDownsampleMark: NoDownsampleMark?

    public init(
      meta: BlockMeta, deletionMark: DeletionMark? = nil, noCompactMark: NoCompactMark? = nil,
      noDownsampleMark: NoDownsampleMark? = nil
    ) {
      self.meta = meta
      self.deletionMark = deletionMark
      self.noCompactMark = noCompactMark
      self.noDownsampleMark = noDownsampleMark
    }

    public var id: BlockID { meta.id }
  }

  /// A directory named like a block whose meta.json cannot be used.
  public struct Partial: Equatable, Sendable {
    public var id: BlockID
    public var state: SyncState
    /// One line for people.
    public var reason: String
    /// A mark whose block has lost its meta.json: a deletion was interrupted.
    public var deletionMark: DeletionMark?

    public init(
      id: BlockID, state: SyncState, reason: String, deletionMark: DeletionMark? = nil
    ) {
      self.id = id
      self.state = state
      self.reason = reason
      self.deletionMark = deletionMark
    }
  }

  /// Sorted by identity.
  public var entries: [Entry] = []
  /// Sorted by identity.
  public var partials: [Partial] = []
  /// All deletion marks of blocks in the time partition and the shard that are not too fresh, old
  /// marks included.
  public var deletionMarks: [BlockID: DeletionMark] = [:]
  /// Blocks superseded by one of ``entries``, with their metas.
  public var duplicates: [BlockMeta] = []
  /// Blocks that a rule hides, other than duplicates.
  public var hidden: [BlockID: SyncState] = [:]
  /// How many blocks ended in each state.
  public var counts: [SyncState: Int] = [:]
  /// How many replica labels were taken off.
  public var removedReplicaLabels = 0

  public init() {}
}
