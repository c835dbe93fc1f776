import TestSupport
import Testing

@testable import TSDBBlock

/// Blocks of a few hundred bytes a file, which hold all encodings between them.
enum SmallBlock: CaseIterable {
  case floats, histograms, downsampled

  private var series: [(labels: LabelSet, chunks: [ChunkEncoding])] {
    switch self {
    case .floats:
      [
        (LabelSet(["__name__": "up", "job": "a"]), [.xor, .xor2, .xor]),
        (LabelSet(["__name__": "up", "job": "b"]), [.xor2]),
        (LabelSet(["job": "b"]), [.xor]),
      ]
    case .histograms:
      [
        (LabelSet(["h": "1"]), [.histogram, .histogramST]),
        (LabelSet(["h": "2"]), [.floatHistogram, .floatHistogramST]),
      ]
    case .downsampled:
      [
        (LabelSet(["__name__": "m"]), [.aggregate, .aggregate]),
        (LabelSet(["__name__": "m", "ü": "\u{FFFD}"]), [.aggregate]),
      ]
    }
  }

  /// Writes the block and returns its files by name.
  func files() throws -> Files {
    try withTemporaryDirectory { temporary in
      let directory = temporary + "/block"
      let writer = try BlockWriter(directory: directory)
      let ordinals = try writer.addSymbols(of: series.map(\.labels))
      for (labels, encodings) in series {
        let payloads = encodings.map { SmallChunks.payload($0, count: 5) }
        writer.beginSeries(payloadByteCounts: payloads.map(\.count))
        for (number, payload) in payloads.enumerated() {
          let start = Int64(number) * 100_000
          try writer.appendChunk(
            minTime: start, maxTime: start + 60_000, encoding: encodings[number].rawValue,
            payload: payload.rawSpan)
        }
        try writer.endSeries(labels: try #require(ordinals.references(to: labels)))
      }
      try writer.publish(meta(writer.stats))
      return Files(
        index: try readFile(directory + "/index"),
        segment: try readFile(directory + "/chunks/000001"),
        tombstones: tombstones.encoded(),
        meta: try readFile(directory + "/meta.json"))
    }
  }

  struct Files {
    var index: [UInt8]
    var segment: [UInt8]
    var tombstones: [UInt8]
    var meta: [UInt8]
  }

  private func meta(_ stats: BlockMeta.Stats) -> BlockMeta {
    var meta = BlockMeta(id: .zero, minTime: 0, maxTime: 260_001, stats: stats)
    meta.compaction.sources = [.zero]
    meta.compaction.parents = [.init(id: .zero, minTime: 0, maxTime: 260_001)]
    guard self == .downsampled else { return meta }
    var thanos = ThanosMeta()
    thanos.version = 1
    thanos.labels = [.init(name: Array("replica".utf8), value: Array("ä\"\n".utf8))]
    thanos.resolution = 300_000
    thanos.source = "compactor"
    thanos.segmentFiles = ["000001"]
    thanos.files = [.init(path: "index", size: 1)]
    meta.thanos = thanos
    return meta
  }

  private var tombstones: Tombstones {
    var tombstones = Tombstones()
    for (number, range) in [0...5, Int64.min...Int64.max, -300...70_000].enumerated() {
      tombstones.delete(range, ofSeries: UInt32(number) * 100)
    }
    return tombstones
  }
}
