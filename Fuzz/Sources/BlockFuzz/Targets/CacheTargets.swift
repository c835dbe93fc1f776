internal import Glibc
internal import TSDBBlock

@testable internal import CachingBucket
@testable internal import IndexCache

/// A byte that chooses whether checksums are mended, one for the limit, then a list of series as a
/// cache has it.
func fuzzPostingsCache(_ input: [UInt8]) {
  guard input.count >= 2 else { return }
  let limit = input[1] == 0 ? Int.max : 8 * Int(input[1])
  let value = Mending.file(in: [input[0]] + input.dropFirst(2)) { $0.mendFrames(from: 3) }
  var ids: [UInt32] = [7, 3]
  do {
    try PostingsCodec.decode(value, into: &ids, limit: limit)
  } catch {
    require(ids.isEmpty, "nothing is left of a damaged list")
    require(error.offset <= value.count, "damage lies within the value")
    return
  }
  require(ids.count <= limit, "a list is not longer than allowed")
  require(ids.count <= 50 * value.count, "memory is in proportion to the input")
  require(zip(ids, ids.dropFirst()).allSatisfy { $0 <= $1 }, "ids never fall")
  var again: [UInt32] = []
  try? PostingsCodec.decode(PostingsCodec.encode(ids), into: &again)
  require(again == ids, "a list survives encoding")
}

/// A byte that chooses whether checksums are mended, a length of two bytes, an index of that length,
/// and the records it belongs to.
///
/// The files lie in memory, in a directory of this process.
func fuzzDiskCache(_ input: [UInt8]) {
  guard input.count >= 3 else { return }
  let length = Int(input[1]) << 8 | Int(input[2])
  let index = Mending.file(in: [input[0]] + input.dropFirst(3).prefix(length)) {
    $0.mendDiskIndex()
  }
  let records = Mending.file(in: [input[0]] + input.dropFirst(3 + length)) { $0.mendDiskRecords() }
  if let record = DiskRecord(records[...]) {
    require(records.starts(with: record.bytes), "a record survives writing")
  }
  unlink(diskDirectory.file("0000000000000001.index"))
  if length > 0 { diskDirectory.write(index, to: "0000000000000001.index") }
  diskDirectory.write(records, to: "0000000000000001.cache")

  let key = Array("the key of the test".utf8)
  withStore { store in
    let size = store.size
    require(
      size.items <= (index.count + records.count) / 16, "items are in proportion to the files")
    require(size.byteCount <= records.count, "nothing grows by itself")
    _ = store.read(DiskRecord(records[...])?.key ?? [])
    try? store.append([DiskRecord(key: key, value: records, end: 1)])
    require(store.read(key)?.record.value == records, "what is written is there")
  }
  withStore { store in
    require(store.read(key)?.record.value == records, "what was written is there after a restart")
  }
}

private func withStore(_ body: (DiskStore) -> Void) {
  var configuration = DiskCacheConfiguration(directory: diskDirectory.path)
  configuration.maximumItems = 1000
  do {
    body(try DiskStore(configuration, patience: .zero))
  } catch {
    fatalError("cannot open \(diskDirectory.path): \(error)")
  }
}

private let diskDirectory = MemoryDirectory(
  files: ["lock", "0000000000000001.index", "0000000000000001.cache"])
