public import BlockCatalog

/// How blocks are brought to a local disk, and results to the bucket.
public struct Transfers: Sendable {
  /// What the files of new blocks are hashed with.
  public var hashFunction = HashFunction.none
  /// Blocks of one plan that are downloaded at once.
  public var blockConcurrency = 1
  /// Files of one block that are downloaded or uploaded at once.
  public var fileConcurrency = 1

  public init() {}
}
