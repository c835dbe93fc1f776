/// The state of a running ``BlockScan``; its parts are in the files `BlockScanner+….swift`.
///
///     meta.json ─► segments ─► index ─┬─ symbols
///                                     ├─ series and their chunks     slices on all threads
///                                     ├─ postings lists              likewise, beside the
///                                     └─ cardinality                 cardinality
///     extents of the chunks, tombstones, and whether meta.json agrees
struct BlockScanner {
  static let indexPath = ScanContext.indexPath

  var scan: BlockScan
  let threads: Int

  /// 1 or 2, as the reader takes it.
  var version: UInt8 = 2
  var tableOfContents: TableOfContents?
  var symbols = ScannedSymbols()
  var series = ScannedSeriesList()
  var segments: [ScannedSegment] = []
  var extents = ScannedExtents()

  var directory: String { scan.directory }

  mutating func run() {
    scanFiles()
    scanMeta()
    openSegments()
    scanIndex()
    checkExtents()
    scanTombstones()
    checkMeta()
  }
}
