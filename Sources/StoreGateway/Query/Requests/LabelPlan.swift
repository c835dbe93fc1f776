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
      request,
      blockMatchers: request.hasHints
        ? RequestHints.decode(
          request.hints, as: Hintspb_LabelNamesRequestHints.self, call: "label names"
        ).blockMatchers : [], cache)
  }

  init(_ request: Thanos_LabelValuesRequest, cache: MatcherCache? = nil) throws(QueryError) {
    guard !request.label.isEmpty else {
      throw .invalidRequest("label name parameter cannot be empty")
    }
    try self.init(
      request,
      blockMatchers: request.hasHints
        ? RequestHints.decode(
          request.hints, as: Hintspb_LabelValuesRequestHints.self, call: "label values"
        ).blockMatchers : [], cache)
  }

  private init(
    _ request: some LabelRequest, blockMatchers: [Thanos_LabelMatcher], _ cache: MatcherCache?
  ) throws(QueryError) {
    matchers = try LabelMatcher.all(request.matchers, cache)
    self.blockMatchers = try LabelMatcher.all(blockMatchers)
    start = request.start
    end = request.end
    limit = request.answerLimit
    read = ReadPlan(
      filter: SeriesFilter(minTime: request.start, maxTime: request.end, shard: nil),
      removedNames: request.removedNames, loader: nil, abortsAtDamage: request.abortsAtDamage)
  }
}
