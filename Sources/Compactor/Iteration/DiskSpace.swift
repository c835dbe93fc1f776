internal import BlockCatalog
internal import Glibc
internal import ObjectStore
internal import Synchronization
internal import TSDBBlock

/// Sees to it that work is begun only where its files fit.
final class DiskSpace: Sendable {
  /// Bytes that work under way may still need.
  private let reserved = Mutex<Int64>(0)

  /// Sets `byteCount` aside while `body` runs.
  ///
  /// - Parameters:
  ///   - directory: exists, on the disk in question.
  ///   - extra: more bytes that would be of use.
  ///   - body: is told whether there is room for the extra bytes too.
  /// - Throws: ``JobFailure`` when that much is not free, before anything is done.
  func reserving<Value: Sendable>(
    _ byteCount: Int64, in directory: String, extra: Int64 = 0,
    _ body: (_ hasExtra: Bool) async throws(JobFailure) -> Value
  ) async throws(JobFailure) -> Value {
    let free = Self.available(in: directory)
    let (left, taken) = reserved.withLock { reserved -> (left: Int64, taken: Int64) in
      let left = free - reserved
      let wanted = Self.sum(byteCount, extra)
      let taken = left >= wanted ? wanted : byteCount
      if left >= taken { reserved += taken }
      return (left, taken)
    }
    guard left >= byteCount else {
      throw JobFailure(
        block: nil,
        reason: "needs \(Self.text(byteCount)) in \(directory), \(Self.text(max(left, 0))) are "
          + "free; make room, or name another --data-dir")
    }
    defer { reserved.withLock { $0 -= taken } }
    return try await body(taken > byteCount)
  }

  /// The sum of two sizes, none negative. A meta.json may claim any, so it stops at the largest.
  static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? Int64.max : sum
  }

  /// Bytes that can still be written; plenty where that cannot be told.
  private static func available(in directory: String) -> Int64 {
    var status = statvfs()
    // SAFETY: the call reads the path and fills the structure.
    guard unsafe statvfs(directory, &status) == 0 else { return Int64.max }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
      by: UInt64(status.f_frsize))
    return overflow ? Int64.max : Int64(clamping: bytes)
  }

  private static func text(_ bytes: Int64) -> String {
    let mebibytes = Double(bytes) / Double(1 << 20)
    if mebibytes < 1024 { return "\(Int(mebibytes.rounded(.up))) MiB" }
    let tenths = Int((mebibytes / 102.4).rounded())
    return "\(tenths / 10).\(tenths % 10) GiB"
  }
}

extension BlockMeta {
  /// Bytes of chunks and index: as meta.json lists them, else as the bucket does.
  func byteCount(in bucket: any Bucket) async throws(JobFailure) -> Int64 {
    let files = thanos?.files ?? []
    let listed = files.reduce(Int64(0)) { DiskSpace.sum($0, max($1.size, 0)) }
    if listed > 0 { return listed }
    do {
      let objects = try await bucket.list(ObjectName(id.description), recursive: true)
      return objects.reduce(Int64(0)) { $0 + Int64($1.size) }
    } catch {
      throw JobFailure(block: nil, reason: "cannot tell the size of block \(id): \(error)")
    }
  }
}
