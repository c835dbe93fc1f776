internal import TSDBBlock

/// A byte that chooses whether checksums are mended, then an index file.
func fuzzIndex(_ input: [UInt8]) {
  readIndex(Mending.file(in: input) { $0.mendIndex() })
}

/// The body of a series entry, within an index that is otherwise right.
func fuzzSeries(_ input: [UInt8]) {
  let index = IndexFrame(series: input)
  guard let reader = try? IndexReader(ByteSlice(ByteStorage(index.bytes))) else {
    fatalError("broken promise: the frame is an index")
  }
  var labels = [LabelReference(name: 1, value: 2)]
  var chunks = [ChunkSpan(minTime: 1, maxTime: 2, location: ChunkLocation(3))]
  do {
    try reader.appendSeries(index.seriesID, labels: &labels, chunks: &chunks)
    require(2 * (labels.count - 1) + 3 * (chunks.count - 1) <= input.count, "counts fit the bytes")
    _ = try? reader.labels(labels)
  } catch {
    require(labels.count == 1 && chunks.count == 1, "a damaged entry appends nothing")
  }
}

/// Two bytes for the version and where to cut, then the contents of a postings list and of the
/// postings offset table, within an index that is otherwise right.
func fuzzPostings(_ input: [UInt8]) {
  guard input.count >= 2 else { return }
  let rest = input.dropFirst(2)
  let list = rest.prefix(Int(input[1]) * 4)
  readIndex(
    IndexFrame(
      version: input[0] % 3 + 1, list: Array(list), table: Array(rest.dropFirst(list.count))
    ).bytes)
}

// MARK: - Reading

private func readIndex(_ bytes: [UInt8]) {
  guard let index = try? IndexReader(ByteSlice(ByteStorage(bytes))) else { return }
  let symbols = try? index.symbols
  require(symbols?.count ?? 0 <= bytes.count, "symbols fit the file")
  for reference in references(symbols?.count ?? 0) {
    _ = try? symbols?.bytes(of: reference)
  }
  for id in (try? index.allPostings()) ?? [] { readSeries(index, id, bytes.count) }
  let names = (try? index.labelNames()) ?? []
  require(names.count <= bytes.count, "label names fit the file")
  for name in names {
    let values = (try? index.labelValues(of: name)) ?? []
    require(values.count <= bytes.count, "label values fit the file")
    for value in values.prefix(100) {
      let ids = (try? index.postings(name: name, value: value)) ?? []
      require(ids.count <= bytes.count / 4, "a list fits the file")
    }
    select(index, name, values)
  }
}

private func readSeries(_ index: IndexReader, _ id: UInt32, _ byteCount: Int) {
  var labels: [LabelReference] = []
  var chunks: [ChunkSpan] = []
  try? index.appendSeries(id, labels: &labels, chunks: &chunks)
  require(2 * labels.count + 3 * chunks.count <= byteCount, "a series fits the file")
  _ = try? index.labels(labels)
}

/// Selectors of each kind, with and without conditions left over.
private func select(_ index: IndexReader, _ name: [UInt8], _ values: [[UInt8]]) {
  let value = values.last ?? []
  var conditions: [[LabelMatcher]] = []
  for kind: LabelMatcher.Kind in [.equal, .notEqual] {
    for wanted in [value, []] {
      if let one = try? LabelMatcher(kind, name: name, value: wanted) { conditions.append([one]) }
    }
  }
  for kind: LabelMatcher.Kind in [.regex, .notRegex] {
    if let one = try? LabelMatcher(kind, name: name, value: Array("a.*|b".utf8)) {
      conditions.append([one])
    }
  }
  conditions.append(conditions.suffix(2).flatMap { $0 })
  for matchers in conditions {
    for allowsRemaining in [false, true] {
      let found = try? index.select(matchers, allowsRemaining: allowsRemaining)
      require(
        found?.ids.count ?? 0 <= index.file.count * max(values.count, 1),
        "a selection fits the lists")
    }
  }
}

/// The ends of the valid references, and some beyond.
private func references(_ count: Int) -> [UInt32] {
  let end = UInt32(truncatingIfNeeded: count)
  return [0, 1, 5, end / 2, end &- 1, end, end &+ 1, .max]
}
