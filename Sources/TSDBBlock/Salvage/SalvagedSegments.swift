/// The segment files of a block, found for the numbers that references have.
///
///     reference 2 ──► third file of the listing       as Prometheus counts
///                 ──► chunks/000003                   when one before it is missing or too many
///                 ──► any other file                  when files were exchanged
///
/// The file in which most of the number's chunks fit gets it, and each file is taken once. A record
/// fits when its checksum is right and its first and last samples have the times of the index: the
/// first record of every segment stands at the same place, so the checksum alone proves nothing.
struct SalvagedSegments {
  struct File {
    /// Relative to the block.
    var path: String
    /// The number in its name, from 0.
    var number: Int?
    var slice: ByteSlice
  }

  /// In the order of the listing.
  private(set) var files: [File] = []
  private var fileOfNumber: [Int: Int] = [:]

  /// - Returns: with a sentence for each file that cannot be read.
  static func open(_ directory: String) -> (Self, problems: [String]) {
    var segments = Self()
    var problems: [String] = []
    for name in (try? ChunkReader.segmentNames(in: directory + "/chunks")) ?? [] {
      let path = "chunks/" + name
      let number = Int(name).map { $0 - 1 }
      do throws(BlockError) {
        let storage = try ByteStorage(mapping: directory + "/" + path)
        segments.files.append(File(path: path, number: number, slice: ByteSlice(storage)))
      } catch {
        problems.append("\(path) cannot be read")
        // It keeps its place in the listing.
        segments.files.append(File(path: path, number: number, slice: ByteSlice(ByteStorage([]))))
      }
    }
    return (segments, problems)
  }

  /// Numbers of segments from here on lead to no file.
  var numberLimit: Int { max(files.count, (files.compactMap(\.number).max() ?? -1) + 1) }

  /// The file of the segment that a location counts to.
  func file(of location: ChunkLocation) -> File? {
    fileOfNumber[location.segment].map { files[$0] }
  }

  /// Gives every number its file.
  ///
  /// - Returns: a sentence for each number whose file is not where Prometheus looks.
  mutating func assign(_ claims: ChunkClaims, _ proof: inout ChunkProof) -> [String] {
    var votes: [(count: Int, rank: Int, number: Int, file: Int)] = []
    for number in claims.segmentNumbers {
      let sample = claims.sample(ofSegment: number)
      for (rank, file) in candidates(number).enumerated() {
        let count = fitting(sample, file, claims, &proof)
        if count > 0 { votes.append((count, rank, number, file)) }
        if rank == 0, 4 * count >= 3 * sample.count { break }
      }
    }
    votes.sort { ($1.count, $0.rank, $0.number) < ($0.count, $1.rank, $1.number) }
    var taken: Set<Int> = []
    for vote in votes where fileOfNumber[vote.number] == nil && !taken.contains(vote.file) {
      fileOfNumber[vote.number] = vote.file
      taken.insert(vote.file)
    }
    for number in claims.segmentNumbers where fileOfNumber[number] == nil {
      // None of the sample fits; others may.
      if number < files.count, !taken.contains(number) { fileOfNumber[number] = number }
    }
    return fileOfNumber.sorted { $0.key < $1.key }.filter { $0.key != $0.value }
      .map { "\(files[$0.value].path) holds segment \($0.key + 1)" }
  }

  private func candidates(_ number: Int) -> [Int] {
    var order: [Int] = number < files.count ? [number] : []
    order += files.indices.filter { files[$0].number == number && $0 != number }
    return order + files.indices.filter { !order.contains($0) }
  }

  /// How many of the chunks are in the file.
  private func fitting(
    _ sample: [ChunkSpan], _ file: Int, _ claims: ChunkClaims, _ proof: inout ChunkProof
  ) -> Int {
    let slice = files[file].slice
    var count = 0
    var isLinked = false
    for chunk in sample {
      let next = claims.next(behind: chunk.location)
      guard
        let record = Self.record(slice.bytes, at: chunk.location.offset, next: next),
        case .proven = proof.examine(slice, record, chunk)
      else { continue }
      count += 1
      isLinked = isLinked || next == nil || record.payload.upperBound + 4 == next
    }
    // Chance may put one record where another is expected, but not with the right length too.
    return count > 1 || isLinked || sample.count == 1 ? count : 0
  }

  /// The record at `offset`. Where its length is wrong the next reference, or the end of the file,
  /// may tell the right one: that with which the checksum is right.
  static func record(_ bytes: RawSpan, at offset: Int, next: Int?) -> ChunkRecord? {
    if let record = try? ChunkRecord(in: bytes, at: offset) { return record }
    guard offset >= SegmentFormat.headerByteCount else { return nil }
    for end in [next, bytes.byteCount].compactMap({ $0 }) where end <= bytes.byteCount {
      for width in 1...5 {
        let start = offset + width + 1
        guard start < end - 4, SeriesHunt.byteCount(ofLength: end - 4 - start) == width,
          let record = ChunkRecord(in: bytes, encodingAt: start - 1, end: end)
        else { continue }
        return record
      }
    }
    return nil
  }
}

extension ChunkRecord {
  /// The record whose encoding stands at a place and whose checksum ends at another; nil when the
  /// checksum is not right.
  fileprivate init?(in segment: RawSpan, encodingAt start: Int, end: Int) {
    let stored = segment.bigEndianUInt32(at: end - 4)
    guard CRC32C(segment.extracting(start..<end - 4)).value == stored else { return nil }
    self.init(
      encoding: segment.byte(at: start), payload: start + 1..<end - 4, checksum: stored)
  }
}
