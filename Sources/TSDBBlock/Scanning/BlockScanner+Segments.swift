/// The segments: which can be read, and whether their bytes belong to the chunks of the index.
extension BlockScanner {
  mutating func openSegments() {
    let names: [String]
    do throws(BlockError) {
      guard FileSystem.exists(directory + "/chunks") else {
        scan.log.report(
          .fileMissing, "chunks", "the directory is missing and with it every sample")
        return
      }
      names = try ChunkReader.segmentNames(in: directory + "/chunks")
    } catch {
      scan.log.report(.fileUnreadable, "chunks", error)
      return
    }
    for name in names {
      let path = "chunks/" + name
      do throws(BlockError) {
        let storage = try ByteStorage(mapping: directory + "/" + path)
        let file = ByteSlice(storage)
        segments.append(ScannedSegment(path: path, file: file))
        try SegmentReader.checkHeader(file.bytes)
      } catch {
        if segments.last?.path != path { segments.append(ScannedSegment(path: path, file: nil)) }
        scan.log.report(.segmentHeader, path, error)
      }
    }
  }

  /// Finds records that several chunks claim, and bytes that none does.
  mutating func checkExtents() {
    extents.sort()
    for location in extents.sharedRecords(in: { segments[$0].file }) {
      scan.log.report(
        .chunkShared, segments[location.segment].path, "chunk", at: location.offset,
        "belongs to more than one chunk of the index")
    }
    var next = extents.runs.startIndex
    for (number, segment) in segments.enumerated() {
      guard let file = segment.file else { continue }
      var position = SegmentFormat.headerByteCount
      var unclaimed = 0
      while next < extents.runs.count, extents.runs[next].start.segment == number {
        let run = extents.runs[next]
        unclaimed += max(0, run.start.offset - position)
        position = max(position, run.end)
        next += 1
      }
      unclaimed += max(0, file.count - position)
      if unclaimed > 0 {
        scan.log.warn(
          .segmentUnreferenced, segment.path,
          "\(unclaimed) of \(file.count) bytes belong to no readable chunk")
      }
    }
  }
}
