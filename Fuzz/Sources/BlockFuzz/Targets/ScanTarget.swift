internal import TSDBBlock

/// A byte that chooses whether checksums are mended, three lengths of two bytes each, then
/// meta.json, index, tombstones and, in what is left, a segment.
///
/// The files lie in memory, in a directory of this process.
func fuzzScan(_ input: [UInt8]) {
  guard input.count >= 7 else { return }
  let lengths = [1, 3, 5].map { Int(input[$0]) << 8 | Int(input[$0 + 1]) }
  var rest = input.dropFirst(7)
  var files: [[UInt8]] = []
  for length in lengths {
    files.append(Array(rest.prefix(length)))
    rest = rest.dropFirst(length)
  }
  let choice = [input[0]]
  let index = Mending.file(in: choice + files[1]) { $0.mendIndex() }
  scanDirectory.write(files[0], to: "meta.json")
  scanDirectory.write(index, to: "index")
  scanDirectory.write(Mending.file(in: choice + files[2]) { $0.mendTombstones() }, to: "tombstones")
  scanDirectory.write(Mending.file(in: choice + rest) { $0.mendSegment() }, to: "chunks/000001")

  let scan = BlockScan(directory: scanDirectory.path)
  require(
    scan.findings.count <= scan.findingCounts.count * BlockScan.findingsPerCode,
    "findings are bounded")
  require(scan.contents.series <= index.count, "series fit the index")
  require(scan.contents.symbols <= index.count, "symbols fit the index")
  for finding in scan.findings { require(!finding.description.isEmpty, "findings have a text") }
  readBlock()
}

/// What a reader makes of the same block.
private func readBlock() {
  guard let block = try? BlockReader(directory: scanDirectory.path) else { return }
  var columns = SampleColumns()
  for id in ((try? block.index.allPostings()) ?? []).prefix(100) {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    try? block.index.appendSeries(id, labels: &labels, chunks: &chunks)
    for chunk in chunks.prefix(100) {
      columns.removeAll()
      try? block.chunks.appendSamples(at: chunk.location, to: &columns)
    }
  }
}

private let scanDirectory = MemoryDirectory(
  folders: ["chunks"], files: ["meta.json", "index", "tombstones", "chunks/000001"])
