import Foundation
import TSDBBlock
import TestSupport
import Testing

@Suite struct BlockReaderTests {
  private static let id = BlockID("01M81TM769G6KD7MVWD56GJ0RY")

  @Test func `a missing segment and a path in segment_files are named`() throws {
    try withTemporaryDirectory { temporary in
      let directory = temporary + "/block"
      let id = try #require(Self.id)
      try makeBlock(
        at: directory, id: id, [TestSeries(LabelSet(["a": "b"]), [(time: 1, value: 1)])]
      ) {
        $0.thanos = ThanosMeta()
        $0.thanos?.segmentFiles = ["000001", "000002"]
      }
      let missing = #expect(throws: BlockError.self) {
        try BlockReader(directory: directory).chunks
      }
      #expect(missing?.code == .missing)
      #expect(missing?.description.contains("chunks/000002") == true)
      try makeBlock(
        at: directory + "2", id: id, [TestSeries(LabelSet(["a": "b"]), [(time: 1, value: 1)])]
      ) {
        $0.thanos = ThanosMeta()
        $0.thanos?.segmentFiles = ["../../etc/passwd"]
      }
      let path = #expect(throws: BlockError.self) {
        try BlockReader(directory: directory + "2")
      }
      #expect(path?.description.contains("segment_files names \"../../etc/passwd\"") == true)
    }
  }

  @Test(arguments: ["meta.json", "index", "chunks/000001", "chunks"])
  func `a symbolic link is followed only by those who ask for it`(file: String) throws {
    try withTemporaryDirectory { temporary in
      let directory = temporary + "/block"
      try makeBlock(
        at: directory, id: .zero, [TestSeries(LabelSet(["a": "b"]), [(time: 1, value: 1)])])
      try FileManager.default.moveItem(atPath: "\(directory)/\(file)", toPath: temporary + "/else")
      try FileManager.default.createSymbolicLink(
        atPath: "\(directory)/\(file)", withDestinationPath: temporary + "/else")
      #expect(try BlockReader(directory: directory).chunks.segments.count == 1)
      let refused = #expect(throws: BlockError.self) {
        try BlockReader(directory: directory, followsLinks: false).chunks
      }
      #expect(refused?.code == .unreadable)
    }
  }

  @Test func `a file that shrinks under its mapping is an error and not a crash`() throws {
    try withTemporaryDirectory { temporary in
      try makeBlock(
        at: temporary + "/block", id: .zero,
        [TestSeries(LabelSet(["a": "b"]), [(time: 1, value: 1), (time: 2, value: 2)])])
      let path = temporary + "/block/chunks/000001"
      _ = try runProcess("truncate", ["-s", "200000", path]).requireSuccess()
      let segment = try SegmentReader(ByteSlice(ByteStorage(mapping: path)), path: "chunks/000001")
      _ = try segment.record(at: 8)
      _ = try runProcess("truncate", ["-s", "4", path]).requireSuccess()
      #expect(throws: BlockError.self) { try segment.record(at: 190_000) }
    }
  }
}
