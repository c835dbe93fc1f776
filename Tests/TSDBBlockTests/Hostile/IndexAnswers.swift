import TestSupport

@testable import TSDBBlock

/// Everything an index answers, and the errors in place of answers.
struct IndexAnswers: Equatable {
  var names: [[UInt8]] = []
  /// Of each name.
  var values: [[[UInt8]]] = []
  /// Of each pair, then of all series.
  var postings: [[UInt32]] = []
  var series: [Series] = []
  var errors: [BlockError] = []

  struct Series: Equatable {
    var labels: LabelSet
    var chunks: [ChunkSpan]
  }

  init(reading bytes: [UInt8]) {
    do throws(BlockError) {
      try read(try IndexReader(ByteSlice(ByteStorage(bytes))))
    } catch {
      errors.append(error)
    }
  }

  /// What takes up memory: it must be in proportion to the file.
  var size: Int {
    names.count + values.reduce(0) { $0 + $1.count } + postings.reduce(0) { $0 + $1.count }
      + series.reduce(0) { $0 + $1.labels.pairs.count + $1.chunks.count }
  }

  private mutating func read(_ index: IndexReader) throws(BlockError) {
    names = try index.labelNames()
    for name in names {
      let found = answer { () throws(BlockError) in try index.labelValues(of: name) } ?? []
      values.append(found)
      for value in found {
        answer { () throws(BlockError) in try index.postings(name: name, value: value) }
          .map { postings.append($0) }
      }
    }
    let all = try index.allPostings()
    postings.append(all)
    var references: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in all {
      references.removeAll(keepingCapacity: true)
      chunks.removeAll(keepingCapacity: true)
      let labels = answer { () throws(BlockError) in
        try index.appendSeries(id, labels: &references, chunks: &chunks)
        return try index.labels(references)
      }
      if let labels { series.append(Series(labels: labels, chunks: chunks)) }
    }
  }

  private mutating func answer<T>(_ body: () throws(BlockError) -> T) -> T? {
    do throws(BlockError) {
      return try body()
    } catch {
      errors.append(error)
      return nil
    }
  }
}

/// The parts of an index that a checksum covers; it stands behind each.
func checkedRanges(ofIndex bytes: [UInt8]) throws -> [Range<Int>] {
  let index = try IndexReader(ByteSlice(ByteStorage(bytes)))
  let contents = index.tableOfContents
  var sections = [contents.symbols, contents.postingsOffsetTable]
  for name in [[]] + (try index.labelNames()) {
    try index.postingsOffsets.forEachValue(of: name) { (_, list) throws(BlockError) in
      sections.append(Int(list))
      return true
    }
  }
  var ranges = [bytes.count - IndexFormat.tableOfContentsByteCount..<bytes.count - 4]
  for section in sections {
    ranges.append(try IndexSection(in: bytes.rawSpan, at: section, name: "").content)
  }
  for id in try index.allPostings() {
    ranges.append(try SeriesEntry.body(in: bytes.rawSpan, at: index.seriesOffset(id)))
  }
  return ranges
}

/// The bytes with the checksum behind `range` made right.
func mended(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
  var checksum: [UInt8] = []
  checksum.append(bigEndian: CRC32C(bytes.rawSpan.extracting(range)).value)
  var copy = bytes
  copy.replaceSubrange(range.upperBound..<range.upperBound + 4, with: checksum)
  return copy
}
