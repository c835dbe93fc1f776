internal import TSDBBlock

/// Set operations on lists of series ids as they stand in an index. Nanoseconds per entry that goes
/// in, of all operands.
func postingsBenchmarks() throws -> [Measurement] {
  var random = SplitMix(state: 7)
  // Ids are offsets divided by 16; entries of a few chunks are four units long.
  let all = (0..<UInt32(1_000_000)).map { 64 + 4 * $0 }
  let half = all.filter { _ in random.next() & 1 == 0 }
  let quarter = all.filter { _ in random.next() & 3 == 0 }
  let few = all.filter { _ in random.next() % 1000 == 0 }
  let sparse = (0..<2_000_000).map { UInt32(2000 * $0 + Int(random.next() % 2000)) }
  let sparseHalves = (0..<2).map { _ in sparse.filter { _ in random.next() & 1 == 0 } }
  var parts = [[UInt32]](repeating: [], count: 100)
  for id in all { parts[Int(random.next() % 100)].append(id) }

  var results: [Measurement] = []
  for (name, left, right) in [
    ("1M and half of it", all, half), ("half and a quarter of 1M", half, quarter),
    ("1M and 1k", all, few), ("1k and 1M", few, all), ("1M and 1M", all, all),
    ("sparse 1M and 1M", sparseHalves[0], sparseHalves[1]),
  ] {
    results += try operations(name, left, right)
  }
  results.append(try union("100 lists of 10k", parts))
  results.append(try union("100 sparse lists of 20", parts.map { Array($0.prefix(20)) }))
  results.append(try union("two lists, half and a quarter of 1M", [half, quarter]))
  return results
}

private func operations(
  _ name: String, _ left: [UInt32], _ right: [UInt32]
) throws -> [Measurement] {
  let entries = left.count + right.count
  let list = try fetched(right)
  return [
    measure("intersect: \(name)", unit: "entry", unitsPerRound: entries) {
      var ids = left
      PostingsAlgebra.intersect(&ids, with: list)
      return UInt64(ids.count)
    },
    measure("subtract: \(name)", unit: "entry", unitsPerRound: entries) {
      var ids = left
      PostingsAlgebra.subtract(list, from: &ids)
      return UInt64(ids.count)
    },
  ]
}

private func union(_ name: String, _ parts: [[UInt32]]) throws -> Measurement {
  let lists = try parts.map(fetched)
  return measure(
    "union: \(name)", unit: "entry", unitsPerRound: parts.reduce(0) { $0 + $1.count }
  ) {
    UInt64(PostingsAlgebra.union(lists).count)
  }
}

private func fetched(_ ids: [UInt32]) throws -> FetchedPostings {
  var words = [UInt32(ids.count).bigEndian]
  words += ids.map(\.bigEndian)
  let bytes = words.withUnsafeBytes { Array($0) }
  return try FetchedPostings(ByteSlice(ByteStorage(bytes)), hasChecksum: false, fileOffset: 0)
}
