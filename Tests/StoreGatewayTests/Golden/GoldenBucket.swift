import TSDBBlock
import TestSupport

@testable import StoreGateway

/// The golden bucket, loaded.
enum GoldenBucket {
  static func published() throws -> PublishedBlocks {
    let bucket = try Golden.unpacked("store/bucket.tar.gz")
    var blocks: [LoadedBlock] = []
    for block in try Golden.json("store/blocks.json")["blocks"].array ?? []
    where block["loaded"].bool == true {
      let path = bucket + "/" + (block["ulid"].string ?? "")
      blocks.append(try LoadedBlock(BlockReader.readMeta(path), directory: path))
    }
    let published = PublishedBlocks()
    published.publish(BlockSetSnapshot(blocks))
    return published
  }
}
