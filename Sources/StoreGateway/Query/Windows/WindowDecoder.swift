internal import RemoteBlocks
internal import StoreAPI
internal import Synchronization
internal import TSDBBlock

/// Turns series ids of one block into windows: labels, and chunks unless nobody wants them.
///
///     ids ─► entries ─► matchers left over, deletions, time ─► final labels ─► shard ─► chunks
///
/// Windows do not depend on each other, so several can be made at once.
final class WindowDecoder: Sendable {
  let block: LoadedBlock
  private let plan: ReadPlan
  private let context: RequestContext
  /// Whether series that match were not counted yet.
  private let countsSeries: Bool
  private let symbols: SymbolTable
  /// Nil when nothing is deleted.
  private let tombstones: Tombstones?
  /// Bytes of the index per unit of a series id.
  private let idUnit: Int
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

  /// - Parameter remaining: Conditions that postings left open.
  /// - Throws: `BlockError` when the symbols are damaged.
  init(
    _ block: LoadedBlock, plan: ReadPlan, context: RequestContext, remaining: [LabelMatcher]
  ) throws(BlockError) {
    self.block = block
    self.plan = plan
    self.context = context
    countsSeries = !remaining.isEmpty
    tombstones = block.tombstones.isEmpty ? nil : block.tombstones
    idUnit = block.index.seriesOffset(1)
    let symbols = try block.index.symbols
    self.symbols = symbols
    template = Scratch(
      assembler: LabelAssembler(
        externals: block.externalLabels, removedNames: plan.removedNames),
      tests: remaining.map { SeriesTest($0, symbols: symbols) })
  }

  /// Decodes series until `ids` end or the window is full.
  ///
  /// - Parameter withChunks: False to leave chunks out that the plan wants.
  /// - Throws: ``QueryError`` when damage ends the query.
  func decode(
    _ ids: ArraySlice<UInt32>, withChunks: Bool = true
  ) async throws(QueryError) -> DecodedWindow {
    let loader = withChunks ? plan.loader : nil
    var result = DecodedWindow(damage: DamageLog(aborts: plan.abortsAtDamage))
    try decodeSeries(
      ids, in: FetchedPart(slice: block.index.file, fileOffset: 0), keepsSpans: loader != nil,
      into: &result)
    if countsSeries { try context.charges.addSeries(result.matched, of: block.id) }
    guard let loader else { return result }
    try context.charges.addChunks(result.window.spans.count, of: block.id)
    let segments: SegmentSource
    do throws(BlockError) {
      segments = .mapped(try block.segments)
    } catch {
      try result.damage.note(error, in: block.id)
      return result
    }
    try loader.load(&result, from: segments, of: block.id, filter: plan.filter)
    return result
  }

  /// Decodes the entries of `ids` that lie in `part` of the index.
  private func decodeSeries(
    _ ids: ArraySlice<UInt32>, in part: FetchedPart, keepsSpans: Bool,
    into result: inout DecodedWindow
  ) throws(QueryError) {
    var scratch = pool.withLock { $0.popLast() } ?? template
    defer { pool.withLock { $0.append(scratch) } }
    scratch.keptLast = false
    let bytes = part.slice.bytes
    let first = ids.startIndex
    for index in ids.indices {
      guard result.window.labels.count < context.windows.labelBytes,
        result.window.spans.count < context.windows.chunkCount
      else { break }
      result.consumed = index - first + 1
      do throws(BlockError) {
        let place = Int(ids[index]) &* idUnit &- part.fileOffset
        let isWanted = try decode(
          ids[index], at: place, in: bytes, from: part.fileOffset, keepsSpans: keepsSpans,
          &scratch, &result)
        if !isWanted {
          result.window.dropUnfinished()
        }
      } catch {
        result.window.dropUnfinished()
        scratch.keptLast = false
        try result.damage.note(error.inFile(block.index.path), in: block.id)
      }
    }
  }

  /// Appends one series unless the query does not want it.
  ///
  /// - Returns: False when it is not wanted. Parts of it may have been appended then.
  private func decode(
    _ id: UInt32, at place: Int, in bytes: RawSpan, from fileOffset: Int, keepsSpans: Bool,
    _ scratch: inout Scratch, _ result: inout DecodedWindow
  ) throws(BlockError) -> Bool {
    let firstSpan = result.window.spans.count
    scratch.references.removeAll(keepingCapacity: true)
    result.cost.seriesBytes &+= try SeriesEntry.append(
      from: bytes, at: place, fileOffset: fileOffset, labels: &scratch.references,
      chunks: &result.window.spans)
    result.cost.series &+= 1
    for index in scratch.tests.indices {
      guard try scratch.tests[index].accepts(scratch.references) else { return false }
    }
    result.matched &+= 1
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
