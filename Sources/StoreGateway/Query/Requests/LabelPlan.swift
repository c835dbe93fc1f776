internal import IndexCache
internal import StoreAPI
internal import SwiftProtobuf
internal import TSDBBlock

/// A LabelNames or LabelValues request, checked and translated.
struct LabelPlan: Sendable {
  let matchers: [LabelMatcher]
  let blockMatchers: [LabelMatcher]
  /// Both inclusive, in milliseconds. Inverted ranges are not an error here.
  let start: Int64
  let end: Int64
  let limit: Int?
  let read: ReadPlan

  init(_ request: Thanos_LabelNamesRequest, cache: MatcherCache? = nil) throws(QueryError) {
    try self.init(
      matchers: request.matchers,
      blockMatchers: request.hasHints
        ? RequestHints.decode(
          request.hints, as: Hintspb_LabelNamesRequestHints.self, call: "label names"
        ).blockMatchers : [],
      start: request.start, end: request.end, without: request.withoutReplicaLabels,
      limit: request.limit,
      aborts: request.partialResponseDisabled || request.partialResponseStrategy == .abort,
      cache: cache)
  }

  init(_ request: Thanos_LabelValuesRequest, cache: MatcherCache? = nil) throws(QueryError) {
    guard !request.label.isEmpty else {
      throw .invalidRequest("label name parameter cannot be empty")
    }
    try self.init(
      matchers: request.matchers,
      blockMatchers: request.hasHints
        ? RequestHints.decode(
          request.hints, as: Hintspb_LabelValuesRequestHints.self, call: "label values"
        ).blockMatchers : [],
      start: request.start, end: request.end, without: request.withoutReplicaLabels,
      limit: request.limit,
      aborts: request.partialResponseDisabled || request.partialResponseStrategy == .abort,
      cache: cache)
  }

  private init(
    matchers: [Thanos_LabelMatcher], blockMatchers: [Thanos_LabelMatcher], start: Int64,
    end: Int64, without removed: [String], limit: Int64, aborts: Bool, cache: MatcherCache?
  ) throws(QueryError) {
    self.matchers = try LabelMatcher.all(matchers, cache)
    self.blockMatchers = try LabelMatcher.all(blockMatchers)
    self.start = start
    self.end = end
    self.limit = limit > 0 ? Int(limit) : nil
    read = ReadPlan(
      filter: SeriesFilter(minTime: start, maxTime: end, shard: nil),
      removedNames: Set(removed.map { Array($0.utf8) }), loader: nil, abortsAtDamage: aborts)
  }
}
