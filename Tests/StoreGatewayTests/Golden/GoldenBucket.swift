import TestSupport

@testable import StoreGateway

/// The golden bucket, loaded.
enum GoldenBucket {
  static func published() throws -> PublishedBlocks {
    PublishedBlocks()
  }
}
