internal import Synchronization

/// The calls that are being answered, with what each has cost so far.
///
///     let query = queries.begin("Series", description: #"{job="api"}"#, tenant: tenant)
///     defer { query.end() }
///     query.add(series: 64, chunks: 640, bytes: 81_920)
public final class RunningQueries: Sendable {
  /// A description longer than this is cut: a client decides its length.
  static let longestDescription = 4096

  private struct State {
    var queries: [Int: RunningQuery] = [:]
    var next = 1
  }

  private let state = Mutex(State())

  public init() {}

  /// - Parameters:
  ///   - method: such as `Series`.
  ///   - description: matchers and times, on one line.
  ///   - tenant: as the client says.
  ///   - requestID: from the metadata of the call; "" when there is none.
  public func begin(
    _ method: String, description: String, tenant: String, requestID: String = ""
  ) -> RunningQuery {
    state.withLock { state in
      let query = RunningQuery(
        number: state.next, method: method,
        description: String(description.prefix(Self.longestDescription)), tenant: tenant,
        requestID: requestID, registry: self)
      state.queries[state.next] = query
      state.next &+= 1
      return query
    }
  }

  /// The longest running first.
  public var current: [RunningQuery] {
    state.withLock { state in state.queries.values.sorted { $0.number < $1.number } }
  }

  fileprivate func remove(_ number: Int) {
    _ = state.withLock { $0.queries.removeValue(forKey: number) }
  }
}

/// A call that is being answered. Adding to its cost takes no lock.
public final class RunningQuery: Sendable {
  /// What a call has read so far.
  public struct Cost: Equatable, Sendable {
    public var series = 0
    public var chunks = 0
    public var bytes = 0
  }

  /// Counts the calls of this process.
  public let number: Int
  public let method: String
  public let description: String
  public let tenant: String
  public let requestID: String
  private let start = ContinuousClock.now
  private let series = Atomic<Int>(0)
  private let chunks = Atomic<Int>(0)
  private let bytes = Atomic<Int>(0)
  private let registry: RunningQueries

  fileprivate init(
    number: Int, method: String, description: String, tenant: String, requestID: String,
    registry: RunningQueries
  ) {
    self.number = number
    self.method = method
    self.description = description
    self.tenant = tenant
    self.requestID = requestID
    self.registry = registry
  }

  public func add(series: Int = 0, chunks: Int = 0, bytes: Int = 0) {
    if series != 0 { self.series.wrappingAdd(series, ordering: .relaxed) }
    if chunks != 0 { self.chunks.wrappingAdd(chunks, ordering: .relaxed) }
    if bytes != 0 { self.bytes.wrappingAdd(bytes, ordering: .relaxed) }
  }

  public var cost: Cost {
    Cost(
      series: series.load(ordering: .relaxed), chunks: chunks.load(ordering: .relaxed),
      bytes: bytes.load(ordering: .relaxed))
  }

  public var age: Duration { ContinuousClock.now - start }

  /// Takes the call off the list. Doing it twice does no harm.
  public func end() { registry.remove(number) }
}
