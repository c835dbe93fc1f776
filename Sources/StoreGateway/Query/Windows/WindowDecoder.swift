internal import RemoteBlocks
internal import StoreAPI
internal import Synchronization
internal import TSDBBlock

/// Turns series ids of one block into windows: labels, and chunks unless nobody wants them.
///
///     ids ─► entries ─► matchers left over, deletions, time ─► final labels ─► shard ─► chunks
///
/// Windows do not depend on each other, so several can be made at once. The entries and chunks of a
/// block that is far away are fetched for each window.
final class WindowDecoder: Sendable {
  let block: LoadedBlock
  private let plan: ReadPlan
  private let context: RequestContext
  private let symbols: SymbolTable
  /// Bytes of the index per unit of a series id.
  private let idUnit: Int
  /// Nil when nothing is deleted.
  private let tombstones: Tombstones?
  private let matchers: [LabelMatcher]
  /// Whether some of these are left to be tested, so that series that match were not counted yet.
  private let hasTests: Bool
  /// Whether series are read a second time, which the request has paid for.
  private let isPaid: Bool
  private let template: Scratch
  /// Memory of windows made before, for those made next.
  private let pool = Mutex<[Scratch]>([])

  /// What decoding needs beside the window, reused from window to window.
  private struct Scratch: Sendable {
    var assembler: LabelAssembler
    /// Conditions that postings left open.
    var tests: [SeriesTest]
    var references: [LabelReference] = []
    /// Whether the series assembled last is the last one of the window.
    var keptLast = false
  }

  /// - Parameters:
  ///   - matchers: All conditions on series of the block.
  ///   - remaining: Those that postings left open.
  init(
    _ block: LoadedBlock, plan: ReadPlan, context: RequestContext, matchers: [LabelMatcher],
    remaining: [LabelMatcher]
  ) async throws(ReadFailure) {
    self.block = block
    self.plan = plan
    self.context = context
    self.matchers = matchers
    hasTests = !remaining.isEmpty
    isPaid = false
    let access = try await block.seriesAccess()
    symbols = access.symbols
    idUnit = access.idUnit
    let tombstones = try await block.tombstones()
    self.tombstones = tombstones.isEmpty ? nil : tombstones
    template = Scratch(
      assembler: LabelAssembler(
        externals: block.externalLabels, removedNames: plan.removedNames),
      tests: remaining.map { SeriesTest($0, symbols: access.symbols) })
  }

  /// Decodes series once more that `other` found to match, and has counted.
  init(tested other: WindowDecoder) {
    block = other.block
    plan = other.plan
    context = other.context
    matchers = other.matchers
    hasTests = false
    isPaid = true
    symbols = other.symbols
    idUnit = other.idUnit
    tombstones = other.tombstones
    template = Scratch(assembler: other.template.assembler, tests: [])
  }

  /// Decodes series until `ids` end or the window is full.
  ///
  /// - Parameter withChunks: False to leave chunks out that the plan wants.
  /// - Throws: ``QueryError`` when damage or a limit ends the query.
  func decode(
    _ ids: ArraySlice<UInt32>, withChunks: Bool = true
  ) async throws(QueryError) -> DecodedWindow {
    let loader = withChunks ? plan.loader : nil
    var result = DecodedWindow(damage: DamageLog(aborts: plan.abortsAtDamage))
    do throws(ReadFailure) {
      let charges = BlockCharges(block.id, context, seriesArePaid: isPaid)
      try await decodeSeries(ids, keepsSpans: loader != nil, charges, into: &result)
      if let loader {
        try loader.load(
          &result, from: try await segments(result.window.spans, charges), of: block.id,
          filter: plan.filter)
        result.charges = charges
      }
    } catch {
      // What cannot be had is not tried series by series.
      if result.consumed == 0 { result.consumed = ids.count }
      result.window.endAllChunks()
      result.endsBlock = error.endsBlock
      try result.damage.note(error, in: block.id)
    }
    return result
  }

  /// The series of the block that match all conditions, after all of them were looked at.
  func remember(_ matched: [UInt32]) {
    guard hasTests, case .remote(let remote) = block.source else { return }
    remote.storeExpanded(matched, for: matchers, tenant: context.tenant)
  }

  // MARK: Sources

  private func decodeSeries(
    _ ids: ArraySlice<UInt32>, keepsSpans: Bool, _ charges: BlockCharges,
    into result: inout DecodedWindow
  ) async throws(ReadFailure) {
    switch block.source {
    case .mapped(let reader):
      let part = FetchedPart(slice: reader.index.file, fileOffset: 0)
      try decodeSeries(ids, in: [part], keepsSpans: keepsSpans, into: &result)
      let (count, byteCount) = (result.decoded, result.decodedBytes)
      context.statistics.add(.series) { amount in
        amount.touched += count
        amount.touchedBytes += byteCount
      }
    case .remote(let remote):
      let parts: [FetchedPart]
      do throws(RemoteBlockError) {
        parts = try await remote.seriesParts(ids, budget: charges, tenant: context.tenant)
      } catch {
        throw ReadFailure(error)
      }
      try decodeSeries(ids, in: parts, keepsSpans: keepsSpans, into: &result)
      remote.noteOverfetched(bytes: result.decodedBytes - result.matchedBytes)
    }
    do throws(QueryError) {
      if hasTests { try context.charges.addSeries(result.matched, of: block.id) }
      if keepsSpans {
        try context.charges.addChunks(result.window.spans.count, of: block.id)
      }
    } catch {
      throw .refused(error)
    }
  }

  private func segments(
    _ spans: [ChunkSpan], _ charges: BlockCharges
  ) async throws(ReadFailure) -> SegmentSource {
    switch block.source {
    case .mapped(let reader):
      if context.charges.limitsBytes {
        try MappedCharges(block: block, context: context).payChunks(spans)
      }
      context.statistics.add(.chunks) { $0.touched += spans.count }
      do throws(BlockError) {
        return .mapped(try reader.chunks)
      } catch {
        throw .damaged(error)
      }
    case .remote(let remote):
      do throws(RemoteBlockError) {
        return .fetched(
          try await remote.chunkParts(
            spans.map(\.location), budget: charges, tenant: context.tenant))
      } catch {
        throw ReadFailure(error)
      }
    }
  }

  // MARK: Series

  /// - Parameter parts: Of the index, in the order of their beginnings; each entry is whole in the
  ///   last one that begins at or before it.
  private func decodeSeries(
    _ ids: ArraySlice<UInt32>, in parts: [FetchedPart], keepsSpans: Bool,
    into result: inout DecodedWindow
  ) throws(ReadFailure) {
    var scratch = pool.withLock { $0.popLast() } ?? template
    defer { pool.withLock { $0.append(scratch) } }
    scratch.keptLast = false
    var rest = ids
    while let first = rest.first {
      let place = parts.place(holding: Int(first) &* idUnit) ?? 0
      guard place < parts.count else { throw .damaged(Self.missing(first, idUnit)) }
      // Where labels were sorted, ids go back and forth.
      let start = parts[place].fileOffset
      let end = place + 1 < parts.count ? parts[place + 1].fileOffset : Int.max
      let inside = rest.prefix { (start..<end).contains(Int($0) &* idUnit) }
      // An id that no part holds is decoded from the nearest one, which says what is wrong.
      let some = inside.isEmpty ? rest.prefix(1) : inside
      let count = try decode(
        some, in: parts[place], keepsSpans: keepsSpans, &scratch, into: &result)
      result.consumed += count
      guard count == some.count else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func missing(_ id: UInt32, _ unit: Int) -> BlockError {
    BlockError(
      .badReference, path: "index", section: "series", offset: Int(id) &* unit,
      detail: "lies outside the file")
  }

  /// - Returns: How many were looked at before the window was full.
  private func decode(
    _ ids: ArraySlice<UInt32>, in part: FetchedPart, keepsSpans: Bool, _ scratch: inout Scratch,
    into result: inout DecodedWindow
  ) throws(ReadFailure) -> Int {
    let bytes = part.slice.bytes
    for index in ids.indices {
      guard result.window.labels.count < context.windows.labelBytes,
        result.window.spans.count < context.windows.chunkCount
      else { return index - ids.startIndex }
      do throws(BlockError) {
        let isWanted = try decode(
          ids[index], in: bytes, from: part.fileOffset, keepsSpans: keepsSpans, &scratch, &result)
        if !isWanted { result.window.dropUnfinished() }
      } catch {
        result.window.dropUnfinished()
        scratch.keptLast = false
        do throws(QueryError) {
          try result.damage.note(error.inFile("index"), in: block.id)
        } catch {
          throw .refused(error)
        }
      }
    }
    return ids.count
  }

  /// Appends one series unless the query does not want it.
  ///
  /// - Returns: False when it is not wanted. Parts of it may have been appended then.
  private func decode(
    _ id: UInt32, in bytes: RawSpan, from fileOffset: Int, keepsSpans: Bool,
    _ scratch: inout Scratch, _ result: inout DecodedWindow
  ) throws(BlockError) -> Bool {
    let firstSpan = result.window.spans.count
    scratch.references.removeAll(keepingCapacity: true)
    let byteCount = try SeriesEntry.append(
      from: bytes, at: Int(id) &* idUnit &- fileOffset, fileOffset: fileOffset,
      labels: &scratch.references, chunks: &result.window.spans)
    result.decoded &+= 1
    result.decodedBytes &+= byteCount
    for index in scratch.tests.indices {
      guard try scratch.tests[index].accepts(scratch.references) else { return false }
    }
    result.matched &+= 1
    result.matchedBytes &+= byteCount
    if hasTests { result.matchedIDs.append(id) }
    let deleted = tombstones?.intervals(ofSeries: id) ?? []
    guard plan.filter.trim(&result.window.spans, from: firstSpan, deleted: deleted) else {
      return false
    }
    let extends = try scratch.assembler.assemble(scratch.references, symbols)
    let mayExtend = extends || !scratch.keptLast
    scratch.keptLast = false
    if let shard = plan.filter.shard, !shard.contains(scratch.assembler.current.rawSpan) {
      return false
    }
    if !keepsSpans {
      result.window.spans.removeSubrange(firstSpan...)
    } else if !deleted.isEmpty {
      result.deletions[result.window.count] = deleted
    }
    result.window.endSeries(id, scratch.assembler.current, extendsPrevious: mayExtend)
    scratch.keptLast = true
    return true
  }
}
