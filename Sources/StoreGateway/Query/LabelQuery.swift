internal import StoreAPI
internal import TSDBBlock

/// A LabelNames or LabelValues request, checked and translated.
///
/// Without matchers on labels inside the blocks the index answers alone, for whole blocks; with
/// them every matching series that has a chunk in the time range is looked at.
struct LabelQuery: Sendable {
  let matchers: [LabelMatcher]
  let blockMatchers: [LabelMatcher]
  /// Both inclusive. Inverted ranges are not an error here.
  let start: Int64
  let end: Int64
  let removedNames: Set<[UInt8]>
  let limit: Int?
  let abortsAtDamage: Bool

  init(_ request: Thanos_LabelNamesRequest) throws(QueryError) {
    matchers = try LabelMatcher.all(request.matchers)
    var blockMatchers: [LabelMatcher] = []
    if request.hasHints {
      let hints = try RequestHints.decode(
        request.hints, as: Hintspb_LabelNamesRequestHints.self, call: "label names")
      blockMatchers = try LabelMatcher.all(hints.blockMatchers)
    }
    self.blockMatchers = blockMatchers
    start = request.start
    end = request.end
    removedNames = Set(request.withoutReplicaLabels.map { Array($0.utf8) })
    limit = request.limit > 0 ? Int(request.limit) : nil
    abortsAtDamage =
      request.partialResponseDisabled || request.partialResponseStrategy == .abort
  }

  init(_ request: Thanos_LabelValuesRequest) throws(QueryError) {
    guard !request.label.isEmpty else {
      throw .invalidRequest("label name parameter cannot be empty")
    }
    matchers = try LabelMatcher.all(request.matchers)
    var blockMatchers: [LabelMatcher] = []
    if request.hasHints {
      let hints = try RequestHints.decode(
        request.hints, as: Hintspb_LabelValuesRequestHints.self, call: "label values")
      blockMatchers = try LabelMatcher.all(hints.blockMatchers)
    }
    self.blockMatchers = blockMatchers
    start = request.start
    end = request.end
    removedNames = Set(request.withoutReplicaLabels.map { Array($0.utf8) })
    limit = request.limit > 0 ? Int(request.limit) : nil
    abortsAtDamage =
      request.partialResponseDisabled || request.partialResponseStrategy == .abort
  }

  struct Answer: Sendable {
    /// Sorted by bytes, distinct, cut to the limit.
    var strings: [String]
    var warnings: [String]
    /// Nil when no block had to be looked at.
    var queriedBlocks: [BlockID]?
  }

  /// The label names that series have in the time range. Blocking.
  func names(in snapshot: BlockSetSnapshot) throws(QueryError) -> Answer {
    try collect(in: snapshot) { block, matchers, found, damage throws(QueryError) in
      if matchers.isEmpty {
        do throws(BlockError) {
          found.formUnion(try block.index.labelNames())
        } catch {
          try damage.note(error, in: block.id)
        }
        found.formUnion(block.externalLabels.map(\.name))
        found.subtract(removedNames)
      } else {
        try insertNames(of: block, matchers, into: &found, &damage)
      }
    }
  }

  /// The values that series have for the label `name`. Blocking.
  func values(of name: [UInt8], in snapshot: BlockSetSnapshot) throws(QueryError) -> Answer {
    if removedNames.contains(name) {
      return Answer(strings: [], warnings: [], queriedBlocks: nil)
    }
    return try collect(in: snapshot) { block, matchers, found, damage throws(QueryError) in
      let external = block.externalLabels.first { $0.name == name }
      guard matchers.isEmpty else {
        return try insertValues(
          of: name, isExternal: external != nil, block, matchers, into: &found, &damage)
      }
      if let external {
        found.insert(external.value)
        return
      }
      do throws(BlockError) {
        found.formUnion(try block.index.labelValues(of: name))
      } catch {
        try damage.note(error, in: block.id)
      }
    }
  }

  private func collect(
    in snapshot: BlockSetSnapshot,
    from body: (LoadedBlock, [LabelMatcher], inout Set<[UInt8]>, inout DamageLog)
      throws(QueryError) -> Void
  ) throws(QueryError) -> Answer {
    var damage = DamageLog(aborts: abortsAtDamage)
    var found: Set<[UInt8]> = []
    var queried: [BlockID] = []
    for (block, matchers) in snapshot.blocks(for: self) {
      queried.append(block.id)
      try body(block, matchers, &found, &damage)
    }
    let sorted = found.sorted(by: ByteOrder.precedes)
    return Answer(
      strings: sorted.prefix(limit ?? .max).map { String(decoding: $0, as: UTF8.self) },
      warnings: damage.takeWarnings(), queriedBlocks: queried)
  }

  // MARK: - Looking at series

  private func cursor(
    _ block: LoadedBlock, _ matchers: [LabelMatcher], _ damage: inout DamageLog
  ) throws(QueryError) -> BlockCursor {
    try BlockCursor(
      block, selecting: matchers,
      filter: SeriesFilter(minTime: start, maxTime: end, shard: nil), removing: removedNames,
      isOrdered: false, damage: &damage)
  }

  private func insertNames(
    of block: LoadedBlock, _ matchers: [LabelMatcher], into found: inout Set<[UInt8]>,
    _ damage: inout DamageLog
  ) throws(QueryError) {
    let cursor = try cursor(block, matchers, &damage)
    // Most series have the names of the one before.
    var last: [[UInt8]] = []
    while !cursor.isAtEnd {
      cursor.withLabels { labels in
        var reader = WireLabels.Reader(labels)
        var position = 0
        while let label = reader.next() {
          let name = labels.extracting(label.name)
          defer { position += 1 }
          if position < last.count, Self.isEqual(last[position], name) { continue }
          last.removeSubrange(position...)
          last.append([UInt8](name))
          found.insert(last[position])
        }
      }
      try cursor.advance(&damage)
    }
  }

  private static func isEqual(_ left: [UInt8], _ right: RawSpan) -> Bool {
    ByteOrder.equal(left.rawSpan, right)
  }

  private func insertValues(
    of name: [UInt8], isExternal: Bool, _ block: LoadedBlock, _ matchers: [LabelMatcher],
    into found: inout Set<[UInt8]>, _ damage: inout DamageLog
  ) throws(QueryError) {
    let cursor = try cursor(block, matchers, &damage)
    var last: [UInt8] = []
    while !cursor.isAtEnd {
      cursor.withLabels { labels in
        var reader = WireLabels.Reader(labels)
        while let label = reader.next() {
          guard Self.isEqual(name, labels.extracting(label.name)) else { continue }
          let value = labels.extracting(label.value)
          if Self.isEqual(last, value) { return }
          last = [UInt8](value)
          found.insert(last)
        }
      }
      // Every series of the block has the same value.
      if isExternal { return }
      try cursor.advance(&damage)
    }
  }
}
