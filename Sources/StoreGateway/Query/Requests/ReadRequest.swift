internal import StoreAPI
internal import TSDBBlock

/// What all requests that read blocks have.
protocol ReadRequest {
  var matchers: [Thanos_LabelMatcher] { get }
  var withoutReplicaLabels: [String] { get }
  var limit: Int64 { get }
  var partialResponseDisabled: Bool { get }
  var partialResponseStrategy: Thanos_PartialResponseStrategy { get }
}

extension ReadRequest {
  /// Labels that the answer does not show.
  var removedNames: Set<[UInt8]> { Set(withoutReplicaLabels.map { Array($0.utf8) }) }

  /// How much the answer has at most; nil for all there is.
  var answerLimit: Int? { limit > 0 ? Int(limit) : nil }

  /// Whether the client wants all or nothing.
  var abortsAtDamage: Bool { partialResponseDisabled || partialResponseStrategy == .abort }
}

/// What requests for names and for values have. Times in milliseconds, both inclusive.
protocol LabelRequest: ReadRequest {
  var start: Int64 { get }
  var end: Int64 { get }
}

extension Thanos_SeriesRequest: ReadRequest {}
extension Thanos_LabelNamesRequest: LabelRequest {}
extension Thanos_LabelValuesRequest: LabelRequest {}
