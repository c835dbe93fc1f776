internal import TSDBBlock

/// A byte that chooses whether checksums are mended, then a segment file.
func fuzzSegment(_ input: [UInt8]) {
  let bytes = Mending.file(in: input) { $0.mendSegment() }
  guard let segment = try? SegmentReader(ByteSlice(ByteStorage(bytes)), path: "000001") else {
    return
  }
  var samples = SampleColumns()
  var columns = ChunkColumns()
  let reader = ChunkReader([segment])
  for offset in 0..<min(bytes.count, 512) + 2 {
    guard let record = try? segment.record(at: offset) else { continue }
    require(record.payload.upperBound + 4 <= bytes.count, "a record lies within its segment")
    let location = ChunkLocation(segment: 0, offset: offset)
    try? reader.appendSamples(at: location, to: &samples)
    let encoding = ChunkEncoding(rawValue: record.encoding)
    _ = try? encoding.sampleCount(of: bytes.rawSpan.extracting(record.payload))
    try? columns.decode(bytes.rawSpan, record.payload, encoding: encoding)
    samples.removeAll()
  }
  for location in [ChunkLocation(segment: 1, offset: 8), ChunkLocation(.max)] {
    require((try? reader.record(at: location)) == nil, "there is no second segment")
  }
}

/// A byte that chooses whether the checksum is mended, then a tombstones file.
func fuzzTombstones(_ input: [UInt8]) {
  let bytes = Mending.file(in: input) { $0.mendTombstones() }
  guard var tombstones = try? Tombstones(bytes.rawSpan) else { return }
  require(tombstones.count <= bytes.count / 3, "intervals fit the file")
  for id in tombstones.seriesIDs {
    guard let narrow = UInt32(exactly: id) else { continue }
    let intervals = tombstones.intervals(ofSeries: narrow)
    for (left, right) in zip(intervals, intervals.dropFirst()) {
      require(left.upperBound < right.lowerBound, "intervals are sorted and do not touch")
    }
    tombstones.delete(Int64.min...Int64.min, ofSeries: narrow)
    tombstones.delete(Int64.max...Int64.max, ofSeries: narrow)
    tombstones.delete(Int64.min...Int64.max, ofSeries: narrow)
    require(
      tombstones.intervals(ofSeries: narrow) == [Int64.min...Int64.max],
      "all times are one interval")
  }
}

/// A meta.json or a mark.
func fuzzMeta(_ input: [UInt8]) {
  if let value = try? RawJSON(parsing: input) {
    require((try? RawJSON(parsing: value.compactBytes)) == value, "JSON survives writing")
  }
  if let meta = try? BlockMeta(json: input) {
    let written = meta.jsonBytes()
    guard let again = try? BlockMeta(json: written) else {
      fatalError("broken promise: a meta.json that was written can be read")
    }
    require(again.jsonBytes() == written, "a meta.json that was written is written again alike")
  }
  checkMark(DeletionMark.self, input)
  checkMark(NoCompactMark.self, input)
  checkMark(NoDownsampleMark.self, input)
}

private func checkMark<Mark: BlockMark>(_ type: Mark.Type, _ input: [UInt8]) {
  guard let mark = try? Mark(json: input) else { return }
  require((try? Mark(json: mark.jsonBytes())) == mark, "a mark survives writing")
}
