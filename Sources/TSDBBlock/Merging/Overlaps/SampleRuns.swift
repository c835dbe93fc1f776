/// Samples picked from decoded chunks, in order: runs of neighbours from one chunk.
struct SampleRuns {
  struct Run {
    var chunk: Int
    var range: Range<Int>
  }

  private(set) var runs: [Run] = []

  mutating func removeAll() { runs.removeAll(keepingCapacity: true) }

  @inline(__always)
  mutating func append(_ chunk: Int, _ index: Int) {
    let last = runs.count - 1
    if last >= 0, runs[last].chunk == chunk, runs[last].range.upperBound == index {
      runs[last].range = runs[last].range.lowerBound..<index + 1
    } else {
      runs.append(Run(chunk: chunk, range: index..<index + 1))
    }
  }
}
