public import TSDBBlock

/// Keeps blocks that touch a span of time.
public struct TimePartition: Equatable, Sendable {
  /// Unix milliseconds, both ends inclusive.
  public var range: ClosedRange<Int64>

  public static let everything = TimePartition(range: Int64.min...Int64.max)

  public init(range: ClosedRange<Int64>) { self.range = range }

  /// True when the block touches the span; touching at one end counts.
  public func keeps(_ meta: BlockMeta) -> Bool {
    meta.maxTime >= range.lowerBound && meta.minTime <= range.upperBound
  }
}

/// Hides blocks that may still be on their way into an eventually consistent bucket.
public struct ConsistencyDelay: Equatable, Sendable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Makers whose blocks replace others and therefore must be seen at once.
  private static let exemptSources: Set<String> = [
    "bucket.repair", "compactor", "compactor.repair",
  ]

  /// - Parameter now: Unix milliseconds.
  public func keeps(_ meta: BlockMeta, now: Int64) -> Bool {
    // Without a delay nothing waits, not even for a clock that runs behind that of the maker.
    guard milliseconds > 0 else { return true }
    if let source = meta.thanos?.source, Self.exemptSources.contains(source) { return true }
    return now.subtractingReportingOverflow(birth(of: meta)).partialValue >= milliseconds
  }

  /// When the block was uploaded or, for want of that, made.
  private func birth(of meta: BlockMeta) -> Int64 {
    if let time = meta.thanos?.uploadTime, time != .zero { return time.milliseconds }
    return meta.id.timeMilliseconds
  }
}

/// Hides blocks some time after they were marked for deletion.
///
/// Younger marks hide nothing, so that readers meanwhile find the replacement.
public struct DeletionDelay: Equatable, Sendable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// - Parameter now: Unix milliseconds.
  public func keeps(markedAt mark: DeletionMark?, now: Int64) -> Bool {
    guard let mark else { return true }
    return !isOver(mark, now: now)
  }

  /// True once the mark is older than the delay, counted in whole seconds as marks are.
  public func isOver(_ mark: DeletionMark, now: Int64) -> Bool {
    let (age, overflow) = (now / 1000).subtractingReportingOverflow(mark.time)
    return overflow ? mark.time < 0 : Double(age) > Double(milliseconds) / 1000
  }
}

/// Takes replica labels off, so that the blocks of all replicas form one group.
public struct ReplicaLabels: Equatable, Sendable {
  /// Names, sorted by bytes, each once.
  public let names: [[UInt8]]

  public init(_ names: [[UInt8]]) {
    self.names = Set(names).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Removes the labels from `meta` and returns how many went.
  ///
  /// A block left with no label gets the first replica label with the value `deduped`, because
  /// blocks without labels are not allowed in a bucket.
  public func remove(from meta: inout BlockMeta) -> Int {
    guard let first = names.first, let labels = meta.thanos?.labels else { return 0 }
    let rest = labels.filter { !names.contains($0.name) }
    guard rest.count < labels.count else { return 0 }
    meta.thanos?.labels =
      rest.isEmpty ? [ThanosMeta.Label(name: first, value: Array("deduped".utf8))] : rest
    return labels.count - rest.count
  }
}
