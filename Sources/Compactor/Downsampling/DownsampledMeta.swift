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
}
