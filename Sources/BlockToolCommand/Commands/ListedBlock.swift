internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// One block of a listing.
struct ListedBlock: Sendable {
  var name: String
  var meta: BlockMeta?
  var problem: String?
  var size = 0
  var marks: [String] = []

  private static let remarks = [
    (DeletionMark.fileName, "marked for deletion"), (NoCompactMark.fileName, "no compaction"),
    (NoDownsampleMark.fileName, "no downsampling"),
  ]
  /// Blocks looked at at once.
  private static let concurrency = 16

  /// The blocks at the root of a bucket, sorted.
  static func all(in bucket: any Bucket) throws -> [ListedBlock] {
    try waitFor {
      let ids = try await bucket.list(nil, recursive: false)
        .filter(\.isDirectory).compactMap { BlockID($0.name.lastComponent) }.sorted()
      return try await inParallel(ids, limit: concurrency) { (id) throws(BucketError) in
        try await ListedBlock(id, in: bucket)
      }
    }
  }

  private init(_ id: BlockID, in bucket: any Bucket) async throws(BucketError) {
    name = id.description
    let objects = try await bucket.list(id.directory(), recursive: true)
    size = objects.reduce(0) { $0 + $1.size }
    let names = Set(objects.map { $0.name.lastComponent })
    marks = Self.remarks.filter { names.contains($0.0[...]) }.map(\.1)
    guard names.contains(BlockMeta.fileName[...]) else {
      problem = "has no meta.json"
      return
    }
    let bytes = try await bucket.read(id.object(BlockMeta.fileName))
    do throws(BlockError) {
      let meta = try BlockMeta(json: bytes)
      marks += meta.compaction.hints
      self.meta = meta
    } catch {
      problem = error.detail ?? error.code.rawValue
    }
  }

  var json: RawJSON {
    .object([
      "ulid": .string(name),
      "minTime": meta.map { .count($0.minTime) },
      "maxTime": meta.map { .count($0.maxTime) },
      "compactionLevel": meta.map { .count($0.compaction.level) },
      "resolution": meta.map { .count($0.resolution) },
      "series": meta.map { .count($0.stats.series) },
      "chunks": meta.map { .count($0.stats.chunks) },
      "samples": meta.map { .count($0.stats.samples) },
      "labels": meta?.thanos.map { .labels($0.labels.map { ($0.name, $0.value) }) },
      "size": .count(size),
      "marks": .array(marks.map { .string($0) }),
      "problem": problem.map { .string($0) },
    ])
  }
}
