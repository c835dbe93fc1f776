internal import BlockCatalog
internal import ObjectStore
internal import TSDBBlock

/// What was deleted from the inputs of a block when it was made.
///
/// Deletions of an input that were added since are not in the block: with it, what they delete would
/// come back.
struct InputDeletions: Equatable, Sendable {
  /// Hashes of the tombstones files; an input without the file has none.
  private(set) var hashes: [BlockID: String] = [:]

  init(_ hashes: [BlockID: String] = [:]) { self.hashes = hashes }

  /// Of blocks on a local disk. Blocks its thread.
  ///
  /// Asked before the blocks are opened: deletions that come in between make the work be done again,
  /// which is needless but right.
  init(local blocks: [LocalBlocks.Local]) throws(JobFailure) {
    for block in blocks {
      let path = "\(block.directory)/\(Tombstones.fileName)"
      guard FileSystem.exists(path) else { continue }
      do {
        hashes[block.id] = try FileHash.of(path).value
      } catch {
        throw JobFailure(block: nil, reason: error.description)
      }
    }
  }

  /// Of blocks as they are in a bucket now.
  init(
    of ids: [BlockID], in bucket: any Bucket, blockConcurrency: Int
  ) async throws(JobFailure) {
    let found = try await inParallel(ids, limit: blockConcurrency) {
      (id) async throws(JobFailure) -> String? in try await Self.hash(id, in: bucket)
    }
    for (id, hash) in zip(ids, found) { hashes[id] = hash }
  }

  private static func hash(
    _ id: BlockID, in bucket: any Bucket
  ) async throws(JobFailure) -> String? {
    do {
      return try await FileHash.of(id.object(Tombstones.fileName), in: bucket).value
    } catch {
      if error.code == .notFound { return nil }
      throw JobFailure(
        block: nil, reason: "cannot see what was deleted from block \(id): \(error)")
    }
  }
}

// MARK: - JSON

extension InputDeletions {
  var json: RawJSON {
    .object(
      hashes.sorted { $0.key < $1.key }.map { id, hash in
        RawJSON.Member(key: Array(id.description.utf8), value: .string(Array(hash.utf8)))
      })
  }

  /// Nil when it is none.
  init?(_ json: RawJSON?) {
    guard case .object(let members)? = json else { return nil }
    for member in members {
      guard let id = BlockID(String(decoding: member.key, as: UTF8.self)),
        case .string(let hash) = member.value
      else { return nil }
      hashes[id] = String(decoding: hash, as: UTF8.self)
    }
  }
}
