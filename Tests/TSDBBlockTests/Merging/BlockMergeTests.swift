import TestSupport
import Testing

@testable import TSDBBlock

struct BlockMergeTests {
  @Test(arguments: 1...12)
  func `a merge equals the naive union of its inputs`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    try withTemporaryDirectory { directory in
      var model: BlockModel = [:]
      var inputs: [BlockReader] = []
      for number in 0..<Int.random(in: 1...6, using: &random) {
        let start = Int64(number) * 1000
        let block = BlockModel.random(start: start, using: &random)
        for (labels, samples) in block { model[labels, default: [:]].merge(samples) { $1 } }
        inputs.append(try block.write(to: "\(directory)/\(number)", start..<start + 1000))
      }
      inputs.shuffle(using: &random)
      let merged = try merge(inputs, 0...Int64(inputs.count) * 1000 - 1, directory + "/merged")
      #expect(try BlockModel(reading: merged) == model)
    }
  }

  @Test func `samples beyond the range and deleted ones are left out`() throws {
    try withTemporaryDirectory { directory in
      let labels = LabelSet(["a": "1"])
      let other = LabelSet(["a": "2"])
      let model: BlockModel = [
        labels: Dictionary(uniqueKeysWithValues: (0..<100).map { (Int64($0), UInt64($0)) }),
        other: [500: 1],
      ]
      let block = try model.write(to: directory + "/in", 0..<1000, samplesPerChunk: 10)
      var tombstones = Tombstones()
      let id = try block.index.allPostings()[0]
      tombstones.delete(20...34, ofSeries: id)
      try write(tombstones.encoded(), to: directory + "/in/tombstones")
      let reopened = try BlockReader(directory: directory + "/in")
      let merged = try merge([reopened], 5...85, directory + "/out")
      let kept = (5...85).filter { !(20...34).contains($0) }
      #expect(
        try BlockModel(reading: merged)
          == [labels: Dictionary(uniqueKeysWithValues: kept.map { (Int64($0), UInt64($0)) })])
      // 0-9 and 30-39 and 80-89 were cut, 20-29 and 90-99 dropped, the rest copied.
      let chunks = try chunkSpans(merged)
      #expect(chunks.map(\.minTime) == [5, 10, 35, 40, 50, 60, 70, 80])
      #expect(chunks.map(\.maxTime) == [9, 19, 39, 49, 59, 69, 79, 85])
      // Symbols are the plain union, also of series that vanish.
      #expect(try merged.index.symbols.count == 4)
    }
  }

  @Test func `overlapping chunks of one series are an error that names both`() throws {
    try withTemporaryDirectory { directory in
      let labels = LabelSet(["job": "x"])
      let first = try ([labels: [10: 1, 20: 2]] as BlockModel).write(to: directory + "/1", 0..<100)
      let second = try ([labels: [20: 1, 30: 2]] as BlockModel).write(to: directory + "/2", 0..<100)
      let error = #expect(throws: BlockMergeError.self) {
        try merge([first, second], 0...99, directory + "/out")
      }
      #expect(error?.cause.code == .overlap)
      #expect(error?.input == 1)
      #expect(
        error?.cause.detail
          == #"{job="x"} has a chunk from 20 to 30 and one from 10 to 20, which overlap"#)
      #expect(!FileSystem.exists(directory + "/out"))
      #expect(!FileSystem.exists(directory + "/out.tmp-for-creation"))
    }
  }

  @Test func `every flipped bit of an input is found or harmless`() throws {
    try withTemporaryDirectory { directory in
      var random = SeededRandom(seed: 5)
      let model = BlockModel.random(start: 0, seriesCount: 2, using: &random)
      _ = try model.write(to: directory + "/in", 0..<1000)
      for name in ["index", "chunks/000001"] {
        let path = "\(directory)/in/\(name)"
        let bytes = try readFile(path)
        for position in bytes.indices {
          var damaged = bytes
          damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          try write(damaged, to: path)
          guard let block = try? BlockReader(directory: directory + "/in") else { continue }
          let out = "\(directory)/out"
          if let merged = try? merge([block], 0...999, out) {
            #expect(try BlockModel(reading: merged) == model, "\(name) at \(position)")
          }
          FileSystem.removeTree(out)
        }
        try write(bytes, to: path)
      }
    }
  }

  @Test func `a stopped merge leaves nothing behind`() throws {
    try withTemporaryDirectory { directory in
      var random = SeededRandom(seed: 6)
      let block = try BlockModel.random(start: 0, using: &random).write(
        to: directory + "/in", 0..<1000)
      do {
        let writer = try BlockWriter(directory: directory + "/out")
        let merge = BlockMerge(inputs: [block], range: 0...999)
        #expect(try merge.run(into: writer) { _ in false } == nil)
      }
      #expect(try FileSystem.names(in: directory) == ["in"])
    }
  }

  @Test func `verification finds a block that differs from its inputs`() throws {
    try withTemporaryDirectory { directory in
      let labels = LabelSet(["a": "1"])
      let one = try ([labels: [1: 1, 2: 2]] as BlockModel).write(to: directory + "/1", 0..<10)
      let variants: [BlockModel] = [
        [labels: [1: 1, 2: 3]], [labels: [1: 1]], [LabelSet(["a": "2"]): [1: 1, 2: 2]],
        [LabelSet(["1": "a"]): [1: 1, 2: 2]], [labels: [1: 1, 3: 2]], [:],
      ]
      let expected = try BlockVerification.read(directory: one.directory)?.fingerprint
      for (number, variant) in variants.enumerated() {
        let block = try variant.write(to: "\(directory)/v\(number)", 0..<10)
        #expect(
          try BlockVerification.read(directory: block.directory)?.fingerprint != expected)
      }
    }
  }

  private func merge(
    _ inputs: [BlockReader], _ range: ClosedRange<Int64>, _ directory: String
  ) throws -> BlockReader {
    let writer = try BlockWriter(directory: directory)
    let summary = try #require(try BlockMerge(inputs: inputs, range: range).run(into: writer))
    try writer.publish(
      BlockMeta(id: .zero, minTime: range.lowerBound, maxTime: range.upperBound + 1))
    let verification = try #require(try BlockVerification.read(directory: directory))
    #expect(verification.fingerprint == summary.fingerprint)
    return try BlockReader(directory: directory)
  }

  private func chunkSpans(_ block: BlockReader) throws -> [ChunkSpan] {
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    for id in try block.index.allPostings() {
      try block.index.appendSeries(id, labels: &labels, chunks: &chunks)
    }
    return chunks
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    FileSystem.removeTree(path)
    let file = try AppendOnlyFile(path: path)
    try file.append(bytes)
    try file.finish()
  }
}
