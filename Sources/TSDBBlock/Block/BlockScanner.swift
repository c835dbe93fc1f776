/// The state of a running ``BlockScan``; its parts are in the files `BlockScan+….swift`.
struct BlockScanner {
  let directory: String
  var scan: BlockScan

  /// The index, mapped.
  var index: ByteSlice?
  /// 1 or 2, as the reader takes it.
  var version: UInt8 = 2
  var tableOfContents: TableOfContents?
  var symbols = ScannedSymbols()
  /// Readable series in file order, and their labels one after the other.
  var series: [ScannedSeries] = []
  var labels: [LabelReference] = []
  /// Bytes of the index in which series should be and are not readable, increasing.
  var damagedSeries: [Range<Int>] = []
  var segments: [ScannedSegment] = []
  /// The bytes of each segment that chunks were found in.
  var extents: [ScannedExtent] = []
  var encodings: [ChunkEncoding: BlockScan.Contents.Encoding] = [:]
  /// Reused for every chunk.
  var columns = SampleColumns()
  var histograms = HistogramColumns()

  init(directory: String, scan: BlockScan) {
    self.directory = directory
    self.scan = scan
  }

  mutating func run() {
    scanFiles()
    scanMeta()
    openSegments()
    scanIndex()
    checkExtents()
    scanTombstones()
    checkMeta()
    scan.contents.encodings = encodings.values.sorted {
      $0.encoding.rawValue < $1.encoding.rawValue
    }
    scan.cardinality = makeCardinality()
  }
}

/// A series that could be read.
struct ScannedSeries {
  var id: UInt32
  /// Its part of the scanner's labels.
  var labels: Range<Int>
  /// From its first to its last sample, in milliseconds.
  var covered: Int64
}

struct ScannedSegment {
  var path: String
  var file: ByteSlice?
}

/// The bytes of a chunk's record.
struct ScannedExtent {
  var location: ChunkLocation
  var byteCount: Int
}

/// The symbol table as far as it can be walked through.
struct ScannedSymbols {
  /// Where each symbol's length stands and where its bytes are, in file order.
  var positions: [Int] = []
  var ranges: [Range<Int>] = []
  /// Whether the checksum is right and every string could be found.
  var isIntact = false
  var isSorted = true
  /// Behind the table.
  var end: Int?

  /// The place in the lists that a label reference means.
  func ordinal(of reference: UInt32, version: UInt8) -> Int? {
    guard version == 1 else {
      return Int(reference) < ranges.count ? Int(reference) : nil
    }
    let found = positions.partitioned { $0 < Int(reference) }
    return found < positions.count && positions[found] == Int(reference) ? found : nil
  }

  /// The ordinal of the string `wanted`; only of use while the table is sorted.
  func ordinal(of wanted: RawSpan, in index: RawSpan) -> Int? {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      let order = ByteOrder.compare(index.extracting(ranges[middle]), wanted)
      if order == 0 { return middle }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}

extension Array {
  /// Number of elements at the front that `belongsBefore` holds for, of which there is one run.
  func partitioned(_ belongsBefore: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongsBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
