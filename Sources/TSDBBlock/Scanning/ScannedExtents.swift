/// The bytes of segments that chunks were found in, as runs of records behind each other.
///
/// Chunks mostly stand in the order of their series, so that a whole segment is one run.
struct ScannedExtents: Sendable {
  struct Run: Sendable {
    var start: ChunkLocation
    /// Offset behind the last record.
    var end: Int
  }

  private(set) var runs: [Run] = []

  mutating func append(_ location: ChunkLocation, end: Int) {
    append(Run(start: location, end: end))
  }

  mutating func append(_ other: ScannedExtents) {
    for run in other.runs { append(run) }
  }

  private mutating func append(_ run: Run) {
    if let last = runs.last, last.end == run.start.offset, last.start.segment == run.start.segment {
      runs[runs.count - 1].end = run.end
    } else {
      runs.append(run)
    }
  }

  mutating func sort() {
    runs.sort { ($0.start, $0.end) < ($1.start, $1.end) }
  }

  /// Where records begin that more than one chunk claims, once for each further one. After
  /// ``sort()``.
  ///
  /// - Parameter file: the bytes of a segment.
  func sharedRecords(in file: (Int) -> ByteSlice?) -> [ChunkLocation] {
    var shared: [ChunkLocation] = []
    var group: [Run] = []
    var reach = (segment: -1, offset: 0)
    func resolve() {
      guard group.count > 1 else { return }
      var starts: [ChunkLocation] = []
      for run in group { Self.appendRecords(of: run, file(run.start.segment), to: &starts) }
      starts.sort()
      for (left, right) in zip(starts, starts.dropFirst()) where left == right {
        shared.append(right)
      }
    }
    for run in runs {
      if run.start.segment == reach.segment, run.start.offset < reach.offset {
        group.append(run)
        reach.offset = max(reach.offset, run.end)
      } else {
        resolve()
        group = [run]
        reach = (run.start.segment, run.end)
      }
    }
    resolve()
    return shared
  }

  private static func appendRecords(
    of run: Run, _ file: ByteSlice?, to starts: inout [ChunkLocation]
  ) {
    var offset = run.start.offset
    while offset < run.end {
      starts.append(ChunkLocation(segment: run.start.segment, offset: offset))
      guard let file, let size = ChunkRecord.byteCount(in: file.bytes, at: offset) else { return }
      offset += size
    }
  }
}
