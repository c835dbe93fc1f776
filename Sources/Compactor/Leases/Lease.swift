internal import Logging
internal import ObjectStore
internal import TSDBBlock

/// The right to work on something, as long as no higher epoch exists.
struct Lease: Sendable {
  private let bucket: (any Bucket)?
  private let environment: CompactorEnvironment
  private let holder: String
  private let directory: ObjectName?
  private let epoch: UInt64

  init(
    bucket: any Bucket, environment: CompactorEnvironment, holder: String, directory: ObjectName,
    epoch: UInt64
  ) {
    self.bucket = bucket
    self.environment = environment
    self.holder = holder
    self.directory = directory
    self.epoch = epoch
  }

  private init(unneeded environment: CompactorEnvironment) {
    bucket = nil
    directory = nil
    holder = ""
    epoch = 0
    self.environment = environment
  }

  /// A lease that is always held, where there are none.
  static func unneeded(_ environment: CompactorEnvironment) -> Lease {
    Lease(unneeded: environment)
  }

  private var record: [UInt8] {
    LeaseRecord(holder: holder, renewed: environment.now()).bytes
  }

  func create() async throws(BucketError) {
    guard let bucket, let directory else { return }
    try await bucket.create(record, at: Self.object(epoch, in: directory))
  }

  /// Says that the holder is alive, until the task is cancelled.
  func renewRepeatedly() async {
    guard let bucket, let directory else { return }
    while true {
      do {
        try await Task.sleep(for: Leases.renewalInterval)
      } catch {
        return
      }
      do {
        guard await isHeld() else { return }
        try await bucket.write(record, to: Self.object(epoch, in: directory))
      } catch {
        environment.logger.warning("cannot renew a lease", metadata: ["error": "\(error)"])
      }
    }
  }

  /// False once another compactor has taken over. A bucket that cannot be asked has not told of one.
  func isHeld() async -> Bool {
    guard let bucket, let directory else { return true }
    guard let epochs = try? await Self.epochs(in: directory, of: bucket) else { return true }
    return epochs.last.map { $0 <= epoch } ?? true
  }

  /// - Throws: ``JobFailure`` once another compactor has taken over.
  func check() async throws(JobFailure) {
    guard await isHeld() else {
      throw JobFailure(
        block: nil, reason: "another compactor took over the work; this one was too slow")
    }
  }

  /// Lets others have it at once. The object stays, so that epochs only ever grow; were it deleted,
  /// one who saw it and one who did not could both think that the next epoch is theirs.
  func release() async {
    guard let bucket, let directory, let object = try? Self.object(epoch, in: directory) else {
      return
    }
    do {
      try await bucket.write(LeaseRecord(holder: "", renewed: 0).bytes, to: object)
    } catch {
      environment.logger.debug("cannot release a lease", metadata: ["error": "\(error)"])
    }
  }

  /// Removes an object of this lease; it is no harm when that fails.
  func remove(epoch: UInt64) async {
    guard let bucket, let directory, let object = try? Self.object(epoch, in: directory) else {
      return
    }
    do {
      try await bucket.delete(object)
    } catch  where error.code == .notFound {
      return
    } catch {
      environment.logger.debug("cannot remove a lease", metadata: ["error": "\(error)"])
    }
  }

  /// Epochs that exist, ascending.
  static func epochs(
    in directory: ObjectName, of bucket: any Bucket
  ) async throws(BucketError) -> [UInt64] {
    try await bucket.list(directory, recursive: false)
      .compactMap { UInt64($0.name.lastComponent) }
      .sorted()
  }

  static func object(_ epoch: UInt64, in directory: ObjectName) throws(BucketError) -> ObjectName {
    let digits = String(epoch)
    let padding = String(repeating: "0", count: max(0, 20 - digits.count))
    return try objectName("\(directory)/\(padding)\(digits)")
  }

  static func objectName(_ text: String) throws(BucketError) -> ObjectName {
    do {
      return try ObjectName(text)
    } catch {
      throw BucketError(.permanent, .upload, object: text, detail: error.reason)
    }
  }
}
