internal import TSDBBlock
internal import TestSupport
internal import Testing

@Suite struct ExamplesTests {
  private static let start: Int64 = 1_700_000_000_000

  private func withBlock(_ body: (String, BlockReader) throws -> Void) throws {
    let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RY"))
    try withTemporaryDirectory { temporary in
      var writing = Examples()
      try writing.write(directory: temporary + "/block", id: id)
      try body(temporary, try BlockReader(directory: temporary + "/block"))
    }
  }

  @Test func `every piece of code in README and articles is code of the examples`() throws {
    let source = try Self.words(Self.lines("Tests/TSDBBlockTests/Examples/Examples.swift"))
    let articles = "Sources/TSDBBlock/TSDBBlock.docc"
    let paths = [
      "README.md", "\(articles)/TSDBBlock.md", "\(articles)/ReadingABlock.md",
      "\(articles)/WritingABlock.md", "\(articles)/MergingBlocks.md",
    ]
    for path in paths {
      let pieces = try Self.code(in: Self.lines(path))
      #expect(!pieces.isEmpty, "\(path) has no code")
      for piece in pieces {
        let isShown = source.contains(Self.words(piece))
        #expect(isShown, "\(path): \(piece.joined(separator: "\n"))")
      }
    }
  }

  @Test func `a block is read as README and the articles say`() throws {
    try withBlock { _, block in
      var examples = Examples()
      try examples.readOneMetric(directory: block.directory)
      #expect(examples.output == [#"{__name__="up", job="api"} 10 samples"#])

      examples = Examples()
      try examples.readAnything(block: block)
      let latency = (0..<5).map { step in
        #"{__name__="latency_seconds", job="api"} \#(Self.start + 15_000 * Int64(step)) "#
          + "[\(step), \(step), \(step)]"
      }
      let up = (0..<5).map {
        #"{__name__="up", job="api"} \#(Self.start + 15_000 * Int64($0)) 1.0"#
      }
      #expect(examples.output == latency + up)

      examples = Examples()
      try examples.listLabels(block: block)
      #expect(examples.output == [#"["api"]"#])
    }
  }

  @Test func `the largest value of a downsampled block is found`() throws {
    try withBlock { temporary, block in
      let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RZ"))
      var examples = Examples()
      try examples.downsample(block: block, output: temporary + "/coarse", id: id)
      let coarse = try BlockReader(directory: temporary + "/coarse")
      #expect(coarse.meta.thanos?.resolution == 300_000)
      var series = try coarse.series(matching: "up")
      #expect(try series.next())
      try examples.readAggregates(series: series)
      #expect(examples.output == ["2 series, downsampled", "largest value: 1.0"])
    }
  }

  @Test func `a reader goes on behind damage and says what is lost`() throws {
    try withBlock { _, block in
      var series = try block.series(matching: "up")
      #expect(try series.next())
      let chunk = series.chunks[0]
      let path = block.directory + "/chunks/000001"
      try flipBit(at: chunk.location.offset + 4, of: path)
      var examples = Examples()
      try examples.readOn(block: try BlockReader(directory: block.directory))
      #expect(examples.output.count == 1)
      let lost =
        #"lost {__name__="up", job="api"} from 1700000000000 to 1700000135000 - "#
        + "chunks/000001: chunk at offset \(chunk.location.offset): checksum of the bytes is "
      #expect(examples.output.first?.hasPrefix(lost) == true)
    }
  }

  @Test func `blocks are merged and the result is proven`() throws {
    try withBlock { temporary, block in
      let id = try #require(BlockID("01M81TM769G6KD7MVWD56GJ0RZ"))
      var examples = Examples()
      try examples.merge(
        [block.directory, block.directory], output: temporary + "/merged", id: id)
      #expect(examples.output == ["proven: true"])
      let merged = try BlockReader(directory: temporary + "/merged")
      #expect(merged.meta.stats == block.meta.stats)
    }
  }

  // MARK: Documents

  private static func lines(_ path: String) throws -> [String] {
    let text = try String(decoding: readFile(Golden.repository + "/" + path), as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The pieces of Swift code in a document.
  private static func code(in lines: [String]) -> [[String]] {
    var pieces: [[String]] = []
    var isCode = false
    for line in lines {
      if line == "```swift" {
        pieces.append([])
        isCode = true
      } else if line == "```" {
        isCode = false
      } else if isCode, line != "import TSDBBlock" {
        pieces[pieces.count - 1].append(line)
      }
    }
    return pieces
  }

  /// Without indentation and line breaks, which the width of a page decides.
  private static func words(_ lines: [String]) -> String {
    lines.flatMap { $0.split(separator: " ") }.joined(separator: " ")
  }
}
