/// What follows the series: postings, their offset table, the table of contents.
extension IndexWriter {
  /// Writes the rest of the index, syncs and closes it.
  func finish() throws(BlockError) {
    try finishSeries()
    contents.postings = file.position
    contents.labelIndices = file.position
    let directory = try writePostings()
    contents.postingsOffsetTable = file.position
    contents.labelOffsetTable = file.position
    try writeOffsetTable(directory)
    try file.append(contents.encoded())
    try file.finish()
  }

  private func writePostings() throws(BlockError) -> PostingsDirectory {
    var lists = try PostingsListWriter(file, directoryPath: file.path + ".spill-lists")
    if runs.isEmpty {
      try postings.emit(into: &lists)
    } else {
      try runs.append(postings)
      // The merge needs the memory.
      postings = PostingsAccumulator(byteCountLimit: 0)
      try runs.emit(into: &lists)
    }
    try lists.finish()
    return lists.directory
  }

  private func writeOffsetTable(_ directory: PostingsDirectory) throws(BlockError) {
    let start = file.position
    var entry: [UInt8] = []
    entry.append(bigEndian: UInt32(0))
    entry.append(bigEndian: UInt32(truncatingIfNeeded: directory.count))
    var checksum = CRC32C(entry.rawSpan.extracting(4..<8))
    try file.append(entry)
    try file.flush()
    let written = try ByteStorage(mapping: file.path)
    let symbols = try SymbolTable(
      index: ByteSlice(written), at: contents.symbols, version: IndexFormat.writtenVersion)
    written.advise(.dontNeed)
    let bytes = written.bytes
    var label: LabelReference?
    var name = 0..<0
    var mappedByteCount = 0
    try directory.forEachList { (key, position) throws(BlockError) in
      var value = 0..<0
      if let pair = key.label {
        if pair.name != label?.name { name = try symbols.range(of: pair.name, in: bytes) }
        value = try symbols.range(of: pair.value, in: bytes)
      }
      label = key.label
      entry.removeAll(keepingCapacity: true)
      entry.append(IndexFormat.offsetTableKeyCount)
      entry.append(lengthPrefixed: bytes.extracting(name))
      entry.append(lengthPrefixed: bytes.extracting(value))
      entry.append(uvarint: UInt64(position))
      checksum.update(entry)
      try file.append(entry)
      // Symbols are passed once per name: what was read need not stay.
      mappedByteCount += value.count
      if mappedByteCount > 32 << 20 {
        written.advise(.dontNeed)
        mappedByteCount = 0
      }
    }
    let byteCount = file.position - start - 4
    guard byteCount <= UInt32.max else {
      throw BlockError(
        .limitExceeded, path: file.path, section: PostingsOffsetTable.section,
        detail: "has \(byteCount) bytes, an index holds at most \(UInt32.max)")
    }
    var tail: [UInt8] = []
    tail.append(bigEndian: checksum.value)
    try file.append(tail)
    var head: [UInt8] = []
    head.append(bigEndian: UInt32(byteCount))
    try file.overwrite(head, at: start)
  }
}
