import TestSupport
import Testing

@testable import TSDBBlock

/// Three small blocks, cut at every length and with every bit flipped.
@Suite struct BlockDamageTests {
  // MARK: Index

  @Test(arguments: SmallBlock.allCases)
  func `an index cut at any length is an error`(block: SmallBlock) throws {
    let bytes = try block.files().index
    #expect(IndexAnswers(reading: bytes).errors == [])
    var silent: [Int] = []
    forEachCut(of: bytes) { cut in
      if IndexAnswers(reading: cut).errors.isEmpty { silent.append(cut.count) }
    }
    #expect(silent == [])
  }

  @Test(arguments: SmallBlock.allCases)
  func `an index with a flipped bit gives an error or the same answers`(block: SmallBlock) throws {
    let bytes = try block.files().index
    let whole = IndexAnswers(reading: bytes)
    var wrong: [Int] = []
    forEachFlip(of: bytes) { damaged, position in
      let answers = IndexAnswers(reading: damaged)
      if answers.errors.isEmpty, answers != whole { wrong.append(position) }
      // Of what is left nothing is invented.
      if !answers.series.allSatisfy(whole.series.contains) { wrong.append(position) }
    }
    #expect(wrong == [])
  }

  @Test(arguments: SmallBlock.allCases)
  func `damage under a right checksum is answered in proportion to the file`(
    block: SmallBlock
  ) throws {
    let bytes = try block.files().index
    var tooLarge: [Int] = []
    for range in try checkedRanges(ofIndex: bytes) {
      forEachFlip(of: bytes, in: range) { damaged, position in
        let answers = IndexAnswers(reading: mended(damaged, range))
        if answers.size > 8 * bytes.count { tooLarge.append(position) }
      }
    }
    #expect(tooLarge == [])
  }

  // MARK: Segment

  @Test(arguments: SmallBlock.allCases)
  func `a segment that is cut or has a flipped bit gives errors or the same chunks`(
    block: SmallBlock
  ) throws {
    let files = try block.files()
    let locations = IndexAnswers(reading: files.index).series.flatMap { $0.chunks.map(\.location) }
    let whole = records(files.segment, locations)
    #expect(whole.allSatisfy { $0 != nil })
    var wrong: [Int] = []
    forEachCut(of: files.segment) { cut in
      let found = records(cut, locations)
      let isLost = zip(found, whole).allSatisfy { $0 == nil || $0 == $1 } && found.contains(nil)
      if !isLost { wrong.append(cut.count) }
    }
    #expect(wrong == [])
    forEachFlip(of: files.segment) { damaged, position in
      let found = records(damaged, locations)
      let isPadding = (5..<8).contains(position)
      let isSeen = isPadding ? found == whole : found.contains(nil)
      if !isSeen || !zip(found, whole).allSatisfy({ $0 == nil || $0 == $1 }) {
        wrong.append(position)
      }
    }
    #expect(wrong == [])
  }

  /// The payloads of the chunks that can be read.
  private func records(_ bytes: [UInt8], _ locations: [ChunkLocation]) -> [[UInt8]?] {
    guard
      let segment = try? SegmentReader(ByteSlice(ByteStorage(bytes)), path: "chunks/000001")
    else { return locations.map { _ in nil } }
    return locations.map { location in
      guard let record = try? segment.record(at: location.offset) else { return nil }
      return Array(bytes[record.payload])
    }
  }

  // MARK: Tombstones and meta.json

  @Test(arguments: SmallBlock.allCases)
  func `tombstones that are cut or have a flipped bit are an error`(block: SmallBlock) throws {
    let bytes = try block.files().tombstones
    #expect(try Tombstones(bytes.rawSpan).count == 3)
    forEachCut(of: bytes) { cut in
      #expect(throws: BlockError.self) { try Tombstones(cut.rawSpan) }
    }
    forEachFlip(of: bytes) { damaged, position in
      #expect(throws: BlockError.self, "\(position)") { try Tombstones(damaged.rawSpan) }
    }
    let entries = 5..<bytes.count - 4
    forEachFlip(of: bytes, in: entries) { damaged, position in
      let changed = try? Tombstones(mended(damaged, entries).rawSpan)
      #expect((changed?.count ?? 0) <= entries.count / 3, "\(position)")
    }
  }

  @Test(arguments: SmallBlock.allCases)
  func `a meta.json that is cut is an error, and one with a flipped bit is one or can be written`(
    block: SmallBlock
  ) throws {
    let bytes = try block.files().meta
    #expect(try BlockMeta(json: bytes).jsonBytes() == bytes)
    forEachCut(of: bytes) { cut in
      // Nothing but the line feed at the end may be missing.
      guard cut.last != UInt8(ascii: "}") || cut.count < bytes.count - 1 else { return }
      #expect(throws: BlockError.self, "\(cut.count)") { try BlockMeta(json: cut) }
    }
    var wrong: [Int] = []
    forEachFlip(of: bytes) { damaged, position in
      guard let meta = try? BlockMeta(json: damaged) else { return }
      let written = meta.jsonBytes()
      if (try? BlockMeta(json: written).jsonBytes()) != written { wrong.append(position) }
    }
    #expect(wrong == [])
  }
}
