internal import Glibc
internal import Logging
internal import ObjectStore
internal import Synchronization
internal import TSDBBlock

/// Keeps two compactors from doing the same work.
///
///     blockhouse-leases/<what>/<epoch>      written by its holder only, who renews it
///
///     none, or not renewed for long ──► create epoch + 1: of several who try, one succeeds
///     before anything is published  ──► is mine still the highest epoch?
///     released ──► the record names no holder
///
/// A lease saves work; it is not what keeps samples safe. Without it two compactors make the same
/// block twice, one of which is a duplicate that the next run marks. So where a store cannot create
/// an object only if it is not there, work goes on without leases.
struct Leases: Sendable {
  /// Clocks of compactors may differ by nearly this much. Milliseconds.
  static let timeToLive: Int64 = 5 * 60_000
  static let renewalInterval = Duration.seconds(30)
  static let directory = "blockhouse-leases"

  let bucket: any Bucket
  let environment: CompactorEnvironment
  let holder: String
  private let state = State()

  private final class State: Sendable {
    let isUnsupported = Mutex(false)
  }

  /// - Parameter dataDirectory: with the host's name tells this compactor from others, and finds
  ///   its own leases again after a crash.
  init(bucket: any Bucket, environment: CompactorEnvironment, dataDirectory: String) {
    self.bucket = bucket
    self.environment = environment
    holder = "\(Self.hostName):\(FileSystem.resolved(dataDirectory))"
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    // SAFETY: the call writes at most 255 bytes; the last one stays zero.
    guard unsafe gethostname(&name, 255) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Runs `body` while this compactor has the lease of `name`; nil when another one has it.
  ///
  /// - Throws: ``JobFailure`` of `body`, or when the bucket fails.
  func holding<Value: Sendable>(
    _ name: String, _ body: @Sendable (Lease) async throws(JobFailure) -> Value
  ) async throws(JobFailure) -> Value? {
    let lease: Lease?
    do {
      lease = try await acquire(name)
    } catch {
      throw JobFailure(block: nil, reason: "cannot get the lease of \(name): \(error)")
    }
    guard let lease else { return nil }
    let result = await withTaskGroup(of: Void.self) { group -> Result<Value, JobFailure> in
      group.addTask { await lease.renewRepeatedly() }
      defer { group.cancelAll() }
      do throws(JobFailure) {
        return .success(try await body(lease))
      } catch {
        return .failure(error)
      }
    }
    await lease.release()
    return try result.get()
  }

  /// Nil when another compactor has it.
  private func acquire(_ name: String) async throws(BucketError) -> Lease? {
    guard !state.isUnsupported.withLock({ $0 }) else { return .unneeded(environment) }
    let directory = try Lease.objectName("\(Self.directory)/\(name)")
    let epochs = try await Lease.epochs(in: directory, of: bucket)
    if let current = epochs.last, try await isTaken(current, in: directory) { return nil }
    let epoch = (epochs.last ?? 0) + 1
    let lease = Lease(
      bucket: bucket, environment: environment, holder: holder, directory: directory, epoch: epoch)
    do {
      try await lease.create()
    } catch  where error.code == .preconditionFailed {
      return nil
    } catch  where error.code == .permanent || error.code == .denied {
      let wasKnown = state.isUnsupported.withLock { known in
        defer { known = true }
        return known
      }
      if !wasKnown {
        environment.logger.warning(
          """
          the bucket cannot create an object only if it is not there; going on without leases, so \
          let one compactor work on it only
          """, metadata: ["error": "\(error)"])
      }
      return .unneeded(environment)
    }
    for old in epochs { await lease.remove(epoch: old) }
    return lease
  }

  /// Whether somebody else holds this epoch and is alive.
  private func isTaken(
    _ epoch: UInt64, in directory: ObjectName
  ) async throws(BucketError) -> Bool {
    let object = try Lease.object(epoch, in: directory)
    let bytes: [UInt8]
    do {
      bytes = try await bucket.read(object)
    } catch  where error.code == .notFound {
      return false
    }
    guard let record = LeaseRecord(bytes), record.holder != holder, !record.holder.isEmpty else {
      return false
    }
    let age = environment.now().subtractingReportingOverflow(record.renewed)
    return !age.overflow && age.partialValue < Self.timeToLive
  }
}
