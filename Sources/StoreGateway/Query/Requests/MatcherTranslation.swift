internal import IndexCache
internal import StoreAPI
internal import TSDBBlock

extension LabelMatcher {
  /// A matcher as clients send it, from the cache when it has been compiled before.
  init(_ matcher: Thanos_LabelMatcher, _ cache: MatcherCache?) throws(QueryError) {
    let kind: Kind
    switch matcher.type {
    case .eq: kind = .equal
    case .neq: kind = .notEqual
    case .re: kind = .regex
    case .nre: kind = .notRegex
    case .UNRECOGNIZED(let number):
      throw .invalidRequest("unrecognized label matcher type \(number)")
    }
    do {
      if let cache {
        self = try cache.matcher(
          kind, name: Array(matcher.name.utf8), value: Array(matcher.value.utf8))
      } else {
        try self.init(kind, matcher.name, matcher.value)
      }
    } catch {
      throw .invalidRequest(error.description)
    }
  }

  static func all(
    _ matchers: [Thanos_LabelMatcher], _ cache: MatcherCache? = nil
  ) throws(QueryError) -> [LabelMatcher] {
    var result: [LabelMatcher] = []
    for matcher in matchers { result.append(try LabelMatcher(matcher, cache)) }
    return result
  }
}

/// Labels that all series of a block share, tested before the block is looked at.
enum ExternalMatching {
  /// The matchers that remain to be tested on series; nil when no series of the block can match.
  ///
  /// A matcher on a label that `labels` has is decided here, because that label overrides one
  /// inside the block. So is one on the empty name, which no series has: the index uses that name
  /// for the list of all series.
  static func remaining(
    _ matchers: [LabelMatcher], after labels: [(name: [UInt8], value: [UInt8])]
  ) -> [LabelMatcher]? {
    var remaining: [LabelMatcher] = []
    for matcher in matchers {
      if matcher.name.isEmpty {
        guard matcher.matchesEmpty else { return nil }
        continue
      }
      guard let label = labels.first(where: { $0.name == matcher.name }) else {
        remaining.append(matcher)
        continue
      }
      guard matcher.matches(label.value) else { return nil }
    }
    return remaining
  }

  private static let blockIDName = Array("__block_id".utf8)

  /// Whether a block passes the matchers of a request's hints, which see external labels and
  /// `__block_id`.
  static func accepts(
    _ matchers: [LabelMatcher], labels: [(name: [UInt8], value: [UInt8])], id: BlockID
  ) -> Bool {
    matchers.allSatisfy { matcher in
      if matcher.name == blockIDName { return matcher.matches(Array(id.description.utf8)) }
      return matcher.matches(labels.first { $0.name == matcher.name }?.value ?? [])
    }
  }
}
