internal import TSDBBlock

/// The identity of a downsampled block: that of the finer one, but for its ULID and resolution.
enum DownsampledMeta {
  static func make(id: BlockID, from source: BlockMeta, resolution: Int64) -> BlockMeta {
    var meta = source
    meta.id = id
    var thanos = source.thanos ?? ThanosMeta()
    thanos.resolution = resolution
    thanos.source = "compactor"
    thanos.segmentFiles = []
    thanos.files = []
    meta.thanos = thanos
    return meta
  }

  /// The same with the numbers of what was written. Those of floats and histograms stay the raw
  /// block's, as the reference has it.
  static func counted(_ meta: BlockMeta, _ stats: BlockMeta.Stats) -> BlockMeta {
    var meta = meta
    meta.stats.series = stats.series
    meta.stats.chunks = stats.chunks
    meta.stats.samples = stats.samples
    meta.stats.tombstones = 0
    return meta
  }
}
