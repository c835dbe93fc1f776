internal import RemoteBlocks
internal import Synchronization
internal import TSDBBlock

/// Counts what one request touches against its limits. Shared by all its tasks.
final class RequestCharges: Sendable {
  private let limits: RequestLimits
  private let series = Atomic(0)
  private let chunks = Atomic(0)
  private let bytes = Atomic(0)

  init(_ limits: RequestLimits) {
    self.limits = limits
  }

  /// Whether anybody has to work out what reading costs in bytes.
  var limitsBytes: Bool { limits.bytes != nil }

  func addSeries(_ count: Int, of block: BlockID) throws(QueryError) {
    let total = series.add(count, ordering: .relaxed).newValue
    guard let limit = limits.series, total > limit else { return }
    throw .limit(.series, limit: limit, found: total, block: block)
  }

  func addChunks(_ count: Int, of block: BlockID) throws(QueryError) {
    let total = chunks.add(count, ordering: .relaxed).newValue
    guard let limit = limits.chunks, total > limit else { return }
    throw .limit(.chunks, limit: limit, found: total, block: block)
  }

  func addBytes(_ count: Int, of kind: FetchKind, block: BlockID) throws(QueryError) {
    let total = bytes.add(count, ordering: .relaxed).newValue
    guard let limit = limits.bytes, total > limit else { return }
    throw .limit(.bytes(kind), limit: limit, found: total, block: block)
  }
}

/// What a request had too much of.
enum QueryLimit: Equatable, Sendable {
  case series
  case chunks
  case bytes(FetchKind)

  /// The value of the label `reason` of `queries_dropped_total`.
  var reason: String {
    switch self {
    case .series: "series"
    case .chunks: "chunks"
    case .bytes: "bytes"
    }
  }

  /// The flag that sets the limit.
  var flag: String {
    switch self {
    case .series: "--store.limits.request-series"
    case .chunks: "--store.limits.request-samples"
    case .bytes: "--store.grpc.downloaded-bytes-limit"
    }
  }

  /// The words that the reference uses, for those who look for them in logs.
  func text(limit: Int, found: Int, block: BlockID) -> String {
    let violated = "limit \(limit) violated (got \(found))"
    switch self {
    case .series: return "fetch postings for block \(block): exceeded series limit: \(violated)"
    case .chunks: return "receive series from \(block): exceeded chunks limit: \(violated)"
    case .bytes(let kind):
      let exceeded = "exceeded bytes limit while \(kind.activity): \(violated)"
      switch kind {
      case .cachedPostings, .postings:
        return "fetch postings for block \(block): expanded matching posting: fetch and expand "
          + "postings: \(exceeded)"
      case .cachedSeries, .series, .seriesRefetch:
        return "receive series from \(block): preload series: \(exceeded)"
      case .chunks, .chunkRefetch:
        return "receive series from \(block): load chunks: \(exceeded)"
      }
    }
  }
}
