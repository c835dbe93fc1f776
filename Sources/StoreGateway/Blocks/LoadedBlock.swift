internal import RemoteBlocks
internal import TSDBBlock

/// A block that is served, with the labels that all its series share.
///
/// One that lies on a disk is open and mapped: opening touches a few pages; symbols, label table and
/// segments follow at the first query that needs them. One that is far away has an index-header
/// here, and the rest is fetched as it is needed.
final class LoadedBlock: Sendable {
  enum Source: Sendable {
    case mapped(BlockReader)
    case remote(RemoteBlock)
  }

  let id: BlockID
  let extent: BlockExtent
  /// Sorted by name.
  let externalLabels: [(name: [UInt8], value: [UInt8])]
  /// As the bucket has it. A block whose meta.json changes is opened anew.
  let meta: BlockMeta
  let source: Source

  init(_ meta: BlockMeta, _ source: Source) {
    self.meta = meta
    self.source = source
    id = meta.id
    extent = BlockExtent(minTime: meta.minTime, maxTime: meta.maxTime, resolution: meta.resolution)
    externalLabels = meta.externalLabels
  }

  /// Asks the block where it is: in place, or from afar.
  func ask<Answer>(
    mapped: (BlockReader) throws(BlockError) -> Answer,
    remote: (RemoteBlock) async throws(RemoteBlockError) -> Answer
  ) async throws(ReadFailure) -> Answer {
    switch source {
    case .mapped(let reader):
      do throws(BlockError) {
        return try mapped(reader)
      } catch {
        throw .damaged(error)
      }
    case .remote(let block):
      do throws(RemoteBlockError) {
        return try await remote(block)
      } catch {
        throw ReadFailure(error)
      }
    }
  }

  /// Opens the block in `directory`, whose files must not lead out of it. Blocking.
  convenience init(_ meta: BlockMeta, directory: String) throws(BlockError) {
    self.init(meta, .mapped(try BlockReader(directory: directory, meta: meta, followsLinks: false)))
  }
}
