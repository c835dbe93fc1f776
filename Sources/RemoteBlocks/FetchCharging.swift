/// What is about to be fetched.
public enum FetchKind: String, CaseIterable, Sendable {
  case cachedPostings
  case postings
  case cachedSeries
  case series
  /// Series entries that were longer than expected.
  case seriesRefetch
  case chunks
  /// Chunks that were longer than expected.
  case chunkRefetch

  /// As in `exceeded bytes limit while …`.
  public var activity: String {
    switch self {
    case .cachedPostings: "loading postings from index cache"
    case .postings: "fetching postings"
    case .cachedSeries: "loading series from index cache"
    case .series, .seriesRefetch: "fetching series"
    case .chunks, .chunkRefetch: "fetching chunks"
    }
  }
}

/// A query may not have that much.
public struct FetchRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// What whoever pays says about it.
  public let cause: any Error

  public init(_ cause: any Error) { self.cause = cause }

  /// One line for the person who asked.
  public var description: String { "\(cause)" }

  public static func == (left: Self, right: Self) -> Bool {
    left.description == right.description
  }
}

/// Pays for what a query fetches, before it is fetched.
///
/// Amounts are those that Thanos' limits count: what is asked for, with the guesses of how long
/// series and chunks are, not what arrives.
public protocol FetchCharging: Sendable {
  /// Where the query's work is added up; nil when nobody wants to know.
  var statistics: FetchStatistics? { get }

  /// - Throws: ``FetchRefusal`` when the query may not have `bytes` more. Nothing is read then.
  func charge(bytes: Int, for kind: FetchKind) async throws(FetchRefusal)
}

extension FetchCharging {
  public var statistics: FetchStatistics? { nil }

  func pay(_ bytes: Int, for kind: FetchKind) async throws(RemoteBlockError) {
    guard bytes > 0 else { return }
    do throws(FetchRefusal) {
      try await charge(bytes: bytes, for: kind)
    } catch {
      throw .refused(error)
    }
  }
}

/// Everything is allowed.
public struct FreeFetching: FetchCharging {
  public let statistics: FetchStatistics?

  public init(statistics: FetchStatistics? = nil) { self.statistics = statistics }

  public func charge(bytes: Int, for kind: FetchKind) async throws(FetchRefusal) {}
}
