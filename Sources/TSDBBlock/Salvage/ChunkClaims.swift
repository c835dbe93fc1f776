/// Where the series say that their chunks are: 4 bytes a chunk.
///
/// Tells what follows a record, which its length, not covered by a checksum, may not; which places
/// several entries claim; and gives a sample of each segment's chunks to recognise its file by.
struct ChunkClaims {
  /// Segments beyond it cannot exist.
  private let segmentLimit: Int
  private var segments: [Int: Segment] = [:]

  fileprivate struct Segment {
    var offsets: [UInt32] = []
    var sample: [ChunkSpan] = []
    /// Every so many chunks one is in the sample.
    var stride = 1
    var count = 0
  }

  private static let sampleLimit = 256

  init(segmentLimit: Int) { self.segmentLimit = segmentLimit }

  mutating func add(_ chunks: [ChunkSpan]) {
    for chunk in chunks where chunk.location.segment < segmentLimit {
      segments[chunk.location.segment, default: Segment()].add(chunk, limit: Self.sampleLimit)
    }
  }

  /// Sorts the claims; returns the places that are claimed more than once.
  mutating func finish() -> Set<ChunkLocation> {
    var shared: Set<ChunkLocation> = []
    for number in segments.keys.sorted() {
      guard var segment = segments.removeValue(forKey: number) else { continue }
      segment.offsets.sort()
      for index in 1..<max(1, segment.offsets.count)
      where segment.offsets[index - 1] == segment.offsets[index] {
        shared.insert(ChunkLocation(segment: number, offset: Int(segment.offsets[index])))
      }
      segments[number] = segment
    }
    return shared
  }

  /// The numbers of segments that series refer to, increasing.
  var segmentNumbers: [Int] { segments.keys.sorted() }

  /// Some chunks of a segment, all of them when there are few.
  func sample(ofSegment number: Int) -> [ChunkSpan] { segments[number]?.sample ?? [] }

  /// The place of the next record in the segment.
  func next(behind location: ChunkLocation) -> Int? {
    guard let segment = segments[location.segment] else { return nil }
    let found = segment.offsets.partitioned { Int($0) <= location.offset }
    return found < segment.offsets.count ? Int(segment.offsets[found]) : nil
  }
}

extension ChunkClaims.Segment {
  fileprivate mutating func add(_ chunk: ChunkSpan, limit: Int) {
    offsets.append(UInt32(truncatingIfNeeded: chunk.location.offset))
    if count % stride == 0 {
      sample.append(chunk)
      if sample.count > limit {
        sample = sample.indices.filter { $0.isMultiple(of: 2) }.map { sample[$0] }
        stride *= 2
      }
    }
    count += 1
  }
}
