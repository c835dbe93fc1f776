/// What is left of a meta.json, and the one of the new block.
struct SalvagedMeta {
  /// As far as it can be read.
  private(set) var meta: BlockMeta?
  /// Who the block is, by the name of its directory or else by meta.json.
  private(set) var id: BlockID?

  init(_ directory: String) {
    let path = directory + "/" + BlockMeta.fileName
    if let storage = try? ByteStorage(mapping: path) { meta = Self.read([UInt8](storage.bytes)) }
    let name = FileSystem.resolved(directory).split(separator: "/").last ?? ""
    id = BlockID(name)
    if id == nil, let stated = meta?.id, stated != .zero { id = stated }
  }

  /// Reads a file whose version or id is damaged nevertheless: neither says anything about the rest.
  private static func read(_ bytes: [UInt8]) -> BlockMeta? {
    if let meta = try? BlockMeta(json: bytes) { return meta }
    guard case .object(var members)? = try? RawJSON(parsing: bytes) else { return nil }
    members.removeAll { $0.key == Array("version".utf8) }
    members.append(RawJSON.Member("version", .integer(BlockMeta.version)))
    if let meta = try? BlockMeta(json: RawJSON.object(members).compactBytes) { return meta }
    members.removeAll { $0.key == Array("ulid".utf8) }
    return try? BlockMeta(json: RawJSON.object(members).compactBytes)
  }

  /// The range of the block; nil when there is none that could be right.
  var range: Range<Int64>? {
    guard let meta, meta.minTime < meta.maxTime else { return nil }
    return meta.minTime..<meta.maxTime
  }

  /// The numbers that meta.json states; nil when it does not.
  var totals: SalvageReport.Totals? {
    guard let stats = meta?.stats, stats.series > 0 else { return nil }
    return SalvageReport.Totals(
      series: Int(clamping: stats.series), chunks: Int(clamping: stats.chunks),
      samples: Int(clamping: stats.samples))
  }

  /// The description of the new block.
  ///
  /// - Parameters:
  ///   - resolution: of the downsampled chunks in it; 0 when there are none.
  func renewed(
    _ id: BlockID, _ range: Range<Int64>, _ writer: BlockWriter, tombstones: Int, resolution: Int64
  ) -> BlockMeta {
    var new = meta ?? BlockMeta(id: id, minTime: 0, maxTime: 0)
    new.id = id
    new.minTime = range.lowerBound
    new.maxTime = range.upperBound
    new.stats = writer.stats
    new.stats.tombstones = UInt64(tombstones)
    new.compaction.level = max(1, new.compaction.level)
    new.compaction.deletable = false
    new.compaction.failed = false
    if let old = self.id {
      if new.compaction.sources.isEmpty { new.compaction.sources = [old] }
      let was = self.range ?? range
      new.compaction.parents = [
        BlockMeta.Parent(id: old, minTime: was.lowerBound, maxTime: was.upperBound)
      ]
    } else if new.compaction.sources.isEmpty {
      new.compaction.sources = [id]
    }
    if resolution > 0, new.resolution == 0 {
      var thanos = new.thanos ?? ThanosMeta()
      thanos.version = 1
      thanos.resolution = resolution
      new.thanos = thanos
    }
    if new.thanos != nil {
      // One of the names that Thanos knows for blocks that were repaired.
      new.thanos?.source = "bucket.repair"
      new.thanos?.segmentFiles = writer.segmentNames
      new.thanos?.files = []
      new.thanos?.indexStats = ThanosMeta.IndexStats()
      new.thanos?.uploadTime = .zero
    }
    return new
  }
}

extension Tombstones {
  /// Reads a file whose header alone may be damaged: the checksum covers what matters.
  static func salvaged(_ bytes: RawSpan) throws(BlockError) -> Tombstones {
    do throws(BlockError) {
      return try Tombstones(bytes)
    } catch {
      guard bytes.byteCount >= 9 else { throw error }
      var mended: [UInt8] = []
      mended.append(bigEndian: magic)
      mended.append(version)
      mended.append(bytes.extracting(5..<bytes.byteCount))
      guard let tombstones = try? Tombstones(mended.rawSpan) else { throw error }
      return tombstones
    }
  }
}
