/// The decoded samples of a run of overlapping chunks, one chunk behind the other.
///
///     timestamps  chunk 0 │ chunk 1 │ chunk 2 …      a sample is a place in this column
///     floats      likewise, as long as all chunks are floats
///     chunks      one by one otherwise
struct OverlapSamples {
  /// Where each chunk's samples lie.
  private(set) var bounds: [Range<Int>] = []
  /// All samples when ``isFloats``.
  private(set) var floats = SampleColumns()
  private(set) var chunks: [ChunkColumns] = []
  private var mixedTimestamps: [Int64] = []

  var timestamps: [Int64] { isFloats ? floats.timestamps : mixedTimestamps }

  var isFloats: Bool { chunks.isEmpty }

  /// The chunk that has a sample.
  func chunkIndex(of place: Int) -> Int {
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle].upperBound <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func decode(_ inputs: [MergeChunk]) throws(ChunkMergeError) {
    try decode(inputs[...])
  }

  mutating func decode(_ inputs: ArraySlice<MergeChunk>) throws(ChunkMergeError) {
    mixedTimestamps.removeAll(keepingCapacity: true)
    bounds.removeAll(keepingCapacity: true)
    floats.removeAll()
    chunks.removeAll(keepingCapacity: true)
    let isFloats = inputs.allSatisfy { $0.encoding.withoutStartTimestamps == .xor }
    // By their places: a chunk taken out would be counted.
    for place in inputs.indices {
      do throws(DecodeError) {
        if isFloats {
          let start = floats.count
          try inputs[place].append(to: &floats)
          bounds.append(start..<floats.count)
        } else {
          var columns = ChunkColumns()
          try inputs[place].decode(into: &columns)
          bounds.append(mixedTimestamps.count..<mixedTimestamps.count + columns.count)
          mixedTimestamps += columns.timestamps
          chunks.append(columns)
        }
      } catch {
        throw ChunkMergeError(
          input: inputs[place].input, location: inputs[place].location, cause: error)
      }
    }
  }
}
