public import TSDBBlock

/// A range of a file of a block: all of it when it is mapped, a fetched piece when it is far away.
public struct FetchedPart: Sendable {
  public var slice: ByteSlice
  /// Where the slice begins in the file.
  public var fileOffset: Int

  public init(slice: ByteSlice, fileOffset: Int) {
    self.slice = slice
    self.fileOffset = fileOffset
  }

  /// The bytes of the file that the part holds.
  public var fileRange: Range<Int> { fileOffset..<fileOffset + slice.count }
}

extension [FetchedPart] {
  /// The place of the part that holds what begins at `offset` of the file: the last one that
  /// begins at or before it. Nil when none does.
  ///
  /// - Complexity: O(log parts).
  public func place(holding offset: Int) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].fileOffset <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0, self[low - 1].fileRange.contains(offset) else { return nil }
    return low - 1
  }
}

/// Parts of one segment of a block.
public struct SegmentParts: Sendable {
  /// The position of the segment, as ``ChunkLocation`` counts.
  public var segment: Int
  /// As errors name it, `chunks/000001`.
  public var path: String
  /// In the order of their beginnings.
  public var parts: [FetchedPart]

  public init(segment: Int, path: String, parts: [FetchedPart]) {
    self.segment = segment
    self.path = path
    self.parts = parts
  }

  /// The verified record at an offset of the segment, and the part whose bytes its payload counts.
  ///
  /// - Throws: `BlockError` when it is not there, or damaged.
  public func record(at offset: Int) throws(BlockError) -> (record: ChunkRecord, part: FetchedPart)
  {
    guard let place = parts.place(holding: offset) else {
      throw BlockError(
        .badReference, path: path, section: "chunk", offset: offset,
        detail: "lies outside the segment")
    }
    let part = parts[place]
    let slice = part.slice
    do {
      let record = try ChunkRecord(
        in: slice.bytes, at: offset - part.fileOffset, fileOffset: part.fileOffset)
      return (record, part)
    } catch {
      throw error.inFile(path)
    }
  }
}

extension [SegmentParts] {
  /// The parts of the segment of a location; the list is in the order of the segments.
  ///
  /// - Throws: `BlockError` when the block has no such segment.
  public func segment(of location: ChunkLocation) throws(BlockError) -> SegmentParts {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].segment < location.segment { low = middle + 1 } else { high = middle }
    }
    guard low < count, self[low].segment == location.segment else {
      throw BlockError(
        .badReference, path: "chunks", section: "chunk", offset: location.offset,
        detail: "is in segment \(location.segment + 1), which the block does not have")
    }
    return self[low]
  }
}
