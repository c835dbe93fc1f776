internal import Synchronization

/// What one query did to remote blocks, added up over all of them.
public final class FetchStatistics: Sendable {
  /// Of one kind of data.
  public struct Amount: Equatable, Sendable {
    /// Items that the answer needed, from wherever they came.
    public var touched = 0
    public var touchedBytes = 0
    /// Items that came from the bucket.
    public var fetched = 0
    /// What came from the bucket with them.
    public var fetchedBytes = 0
    /// Range requests.
    public var requests = 0
    /// Time until everything was there, added up over blocks, which are fetched at once.
    public var duration = Duration.zero

    public init() {}
  }

  /// A kind of data, as the label `data_type` of metrics shows it.
  public enum Kind: String, CaseIterable, Sendable {
    case postings, series, chunks
  }

  private let amounts = Mutex<[Kind: Amount]>([:])

  public init() {}

  public subscript(kind: Kind) -> Amount { amounts.withLock { $0[kind] ?? Amount() } }

  /// Adds to the amount of a kind.
  public func add(_ kind: Kind, _ change: (inout Amount) -> Void) {
    amounts.withLock { change(&$0[kind, default: Amount()]) }
  }
}
