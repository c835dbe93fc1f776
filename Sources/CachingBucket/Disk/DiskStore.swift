internal import Glibc
internal import ObjectStore
internal import Synchronization
internal import TSDBBlock

/// The files of the disk cache and where their records stand. All calls block.
///
///     oldest file ─► … ─► newest file, which grows
///        ▲ removed when all files are too large          records that are read in old files
///                                                         are written again into the newest
///
/// So what is used stays, and what nobody uses goes with the oldest file.
final class DiskStore: Sendable {
  private struct Place {
    var segment: UInt64
    var offset: UInt32
    var byteCount: UInt32
  }

  private struct Contents {
    var places: [UInt64: Place] = [:]
    /// Oldest first, with what was written to each.
    var segments: [(segment: DiskSegment, entries: [DiskSegment.Entry], byteCount: Int)] = []
    var byteCount = 0
    var nextNumber: UInt64 = 1
  }

  /// What the store holds.
  struct Size: Equatable, Sendable {
    var items: Int
    var byteCount: Int
    var segments: Int
  }

  private let directory: String
  private let maximumSize: Int
  private let maximumItems: Int
  private let segmentSize: Int
  private let lock: DiskFile
  private let contents: Mutex<Contents>

  /// Parts of the whole that are files: the more, the finer what is removed.
  private static let segmentCount = 16

  /// Why the files cannot be used.
  struct Failure: Error, Equatable {
    let detail: String
  }

  /// Opens the files that are there. Takes long when there are many that were not closed in peace.
  ///
  /// - Parameter patience: how long to wait for another process that has the directory.
  init(_ configuration: DiskCacheConfiguration, patience: Duration) throws(Failure) {
    directory = configuration.directory
    maximumSize = configuration.maximumSize.byteCount
    maximumItems = configuration.maximumItems
    segmentSize = min(max(maximumSize / Self.segmentCount, 512 << 10), 256 << 20)
    guard DiskDirectory.make(directory) else {
      throw Failure(detail: "cannot make the directory \(configuration.directory)")
    }
    do throws(DiskFile.Failure) {
      lock = try DiskFile(path: "\(configuration.directory)/lock")
    } catch {
      throw Failure(detail: "cannot write to the directory \(configuration.directory)")
    }
    let start = ContinuousClock.now
    while !lock.lock() {
      if ContinuousClock.now - start < patience {
        usleep(50_000)
        continue
      }
      throw Failure(detail: "another process uses the directory \(configuration.directory)")
    }
    contents = Mutex(Contents())
    load()
  }

  private func load() {
    let numbers = DiskDirectory.names(in: directory).compactMap(DiskSegment.number).sorted()
    contents.withLock { contents in
      // Files of ours never have numbers from which others could not be counted.
      for number in numbers where number < 1 << 62 {
        guard let segment = try? DiskSegment(number: number, directory: directory) else { continue }
        let entries = segment.entries()
        let byteCount = segment.byteCount
        guard !entries.isEmpty else {
          segment.remove()
          continue
        }
        for entry in entries { note(entry, in: number, &contents) }
        segment.writeIndex(entries)
        contents.segments.append((segment, entries, byteCount))
        contents.byteCount += byteCount
        contents.nextNumber = number + 1
        shrink(&contents, adding: 0)
      }
    }
  }

  var size: Size {
    contents.withLock {
      Size(items: $0.places.count, byteCount: $0.byteCount, segments: $0.segments.count)
    }
  }

  /// A record, and whether it is so old that it may go soon. Nil when there is none, or a damaged
  /// one, which is forgotten.
  func read(_ key: [UInt8]) -> (record: DiskRecord, isOld: Bool)? {
    let hash = XXHash64.hash(key)
    let found = contents.withLock { contents -> (DiskSegment, Place, Bool)? in
      guard let place = contents.places[hash] else { return nil }
      guard let age = contents.segments.firstIndex(where: { $0.segment.number == place.segment })
      else { return nil }
      let isOld = age < contents.segments.count / 4
      return (contents.segments[age].segment, place, isOld)
    }
    guard let (segment, place, isOld) = found else { return nil }
    guard let record = segment.record(at: Int(place.offset), byteCount: Int(place.byteCount)) else {
      forget(hash, place)
      return nil
    }
    // Another key may have the same hash.
    guard record.key == key else { return nil }
    return (record, isOld)
  }

  /// Writes records behind the last one.
  func append(_ records: [DiskRecord]) throws(DiskFile.Failure) {
    for record in records {
      let bytes = record.bytes
      try contents.withLock { contents throws(DiskFile.Failure) in
        shrink(&contents, adding: bytes.count)
        let last = try growing(&contents, by: bytes.count)
        let offset = contents.segments[last].byteCount
        try contents.segments[last].segment.write(bytes, at: offset)
        let entry = DiskSegment.Entry(
          hash: XXHash64.hash(record.key), offset: UInt32(offset), byteCount: UInt32(bytes.count))
        contents.segments[last].entries.append(entry)
        contents.segments[last].byteCount += bytes.count
        contents.byteCount += bytes.count
        note(entry, in: contents.segments[last].segment.number, &contents)
      }
    }
  }

  /// Removes the oldest file, to make room on a disk that is full.
  func removeOldest() { contents.withLock { removeOldest(&$0) } }

  // MARK: Files

  /// The place of the file that has room for a record.
  private func growing(
    _ contents: inout Contents, by byteCount: Int
  ) throws(DiskFile.Failure) -> Int {
    if let last = contents.segments.last {
      if last.byteCount + byteCount <= segmentSize || last.byteCount == 0 {
        return contents.segments.count - 1
      }
      last.segment.writeIndex(last.entries)
    }
    let segment = try DiskSegment(number: contents.nextNumber, directory: directory)
    contents.nextNumber += 1
    contents.segments.append((segment, [], 0))
    return contents.segments.count - 1
  }

  private func shrink(_ contents: inout Contents, adding byteCount: Int) {
    while contents.byteCount + byteCount > maximumSize || contents.places.count > maximumItems {
      guard contents.segments.count > 1 else { break }
      removeOldest(&contents)
    }
  }

  private func removeOldest(_ contents: inout Contents) {
    guard !contents.segments.isEmpty else { return }
    let oldest = contents.segments.removeFirst()
    contents.byteCount -= oldest.byteCount
    for entry in oldest.entries
    where contents.places[entry.hash]?.segment == oldest.segment.number {
      contents.places[entry.hash] = nil
    }
    oldest.segment.remove()
  }

  private func note(_ entry: DiskSegment.Entry, in segment: UInt64, _ contents: inout Contents) {
    contents.places[entry.hash] = Place(
      segment: segment, offset: entry.offset, byteCount: entry.byteCount)
  }

  private func forget(_ hash: UInt64, _ place: Place) {
    contents.withLock { contents in
      guard let known = contents.places[hash], known.segment == place.segment,
        known.offset == place.offset
      else { return }
      contents.places[hash] = nil
    }
  }
}
