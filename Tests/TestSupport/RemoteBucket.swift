public import ObjectStore

/// A bucket as one far away behaves: no local files, counted calls, delays, and faults on demand.
///
/// The same seed gives the same faults for the same order of calls.
public final class RemoteBucket: Bucket {
  /// How often a read of a range goes wrong, from 0 to 1 each, and how.
  public struct Faults: Sendable {
    /// Fails with an error that may pass.
    public var failure = 0.0
    /// Never answers; ends when the task is cancelled.
    public var stall = 0.0
    /// Answers with less than was asked for.
    public var truncation = 0.0
    /// Answers with the bytes of another range of the same length.
    public var shift = 0.0
    /// So many reads answer with the bytes of another range, and the others do not.
    public var nextShifts = 0
    /// From so many reads on there is nothing any more.
    public var vanishesAfter: Int?
    /// From so many reads on all fail with an error that may pass.
    public var failsAfter: Int?

    public init() {}

    /// All faults that pass.
    public static func all(_ probability: Double) -> Faults {
      var faults = Faults()
      faults.failure = probability
      faults.stall = probability
      faults.truncation = probability
      faults.shift = probability
      return faults
    }
  }

  /// A read of a range.
  public struct Read: Equatable, Sendable {
    public var name: String
    public var range: Range<Int>
    /// Bytes that were there.
    public var byteCount: Int
  }

  private struct State {
    var random: SeededRandom
    var faults: Faults
    var counts: [BucketOperation: Int] = [:]
    var reads: [Read] = []
  }

  private enum Fault { case none, failure, stall, truncation, shift, vanished }

  private let base: any Bucket
  private let delay: Duration
  private let state: Locked<State>
  /// Reads of ranges that are under way at once.
  public let gathering = Gathering()

  /// - Parameter delay: of every read of a range.
  public init(
    _ base: any Bucket, faults: Faults = Faults(), seed: UInt64 = 1, delay: Duration = .zero
  ) {
    self.base = base
    self.delay = delay
    state = Locked(State(random: SeededRandom(seed: seed), faults: faults))
  }

  /// A directory that looks far away.
  public convenience init(
    directory: String, faults: Faults = Faults(), seed: UInt64 = 1, delay: Duration = .zero
  ) throws {
    self.init(
      try FilesystemBucket(directory: directory), faults: faults, seed: seed, delay: delay)
  }

  public var name: String { "remote" }

  /// Calls of an operation since the last ``reset()``.
  public func count(_ operation: BucketOperation) -> Int {
    state.withLock { $0.counts[operation] ?? 0 }
  }

  /// Reads of ranges since the last ``reset()``.
  public var reads: [Read] { state.withLock { $0.reads } }

  public func reset() {
    state.withLock { state in
      state.counts = [:]
      state.reads = []
    }
  }

  public func set(_ faults: Faults) { state.withLock { $0.faults = faults } }

  public func localPath(_ name: ObjectName) -> String? { nil }

  public var versions: (any ObjectVersions)? { base.versions }

  public func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    note(.iter)
    return try await base.list(prefix, recursive: recursive)
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    note(.attributes)
    return try await base.attributes(name)
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    note(.exists)
    return try await base.exists(name)
  }

  public func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    note(range == nil ? .get : .getRange)
    guard let range else { return try await base.read(name, range: nil) }
    await gathering.enter()
    defer { gathering.leave() }
    if delay > .zero { try? await Task.sleep(for: delay) }
    let bytes = try await faulty(name, range)
    state.withLock {
      $0.reads.append(Read(name: name.text, range: range, byteCount: bytes.count))
    }
    return bytes
  }

  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    note(.upload)
    try await base.write(bytes, to: name)
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    note(.upload)
    try await base.create(bytes, at: name)
  }

  public func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    note(.upload)
    try await base.upload(file: path, to: name)
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    note(.delete)
    try await base.delete(name)
  }

  // MARK: Faults

  private func note(_ operation: BucketOperation) {
    state.withLock { $0.counts[operation, default: 0] += 1 }
  }

  private func faulty(
    _ name: ObjectName, _ range: Range<Int>
  ) async throws(BucketError) -> [UInt8] {
    switch nextFault() {
    case .none: return try await base.read(name, range: range)
    case .failure:
      throw BucketError(.transient, .getRange, object: name.text, detail: "the test says so")
    case .stall:
      try? await Task.sleep(for: .seconds(3600))
      throw BucketError(.transient, .getRange, object: name.text, detail: "cancelled")
    case .truncation:
      return try await base.read(
        name, range: range.lowerBound..<range.lowerBound + (range.count + 1) / 2)
    case .shift:
      let bytes = try await base.read(name, range: range)
      let start = max(0, range.lowerBound - 1)
      let other = try await base.read(name, range: start..<start + bytes.count)
      return other.count == bytes.count ? other : bytes
    case .vanished:
      throw BucketError(.notFound, .getRange, object: name.text, detail: "no such object")
    }
  }

  private func nextFault() -> Fault {
    state.withLock { state in
      let faults = state.faults
      if faults.nextShifts > 0 {
        state.faults.nextShifts -= 1
        return .shift
      }
      if let limit = faults.vanishesAfter, (state.counts[.getRange] ?? 0) > limit {
        return .vanished
      }
      if let limit = faults.failsAfter, (state.counts[.getRange] ?? 0) > limit { return .failure }
      var dice = Double.random(in: 0..<1, using: &state.random)
      for (probability, fault) in [
        (faults.failure, Fault.failure), (faults.stall, .stall), (faults.truncation, .truncation),
        (faults.shift, .shift),
      ] {
        if dice < probability { return fault }
        dice -= probability
      }
      return .none
    }
  }
}
