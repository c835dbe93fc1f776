internal import RemoteBlocks
internal import StoreAPI
internal import Synchronization
internal import TSDBBlock

/// Turns entries of an index, mapped or fetched, into series of a window: labels, and where their
/// chunks stand.
final class SeriesDecoder: Sendable {
  /// Whether conditions are left to be tested.
  let hasTests: Bool
  private let block: BlockID
  private let plan: ReadPlan
  private let windows: WindowShape
  private let symbols: SymbolTable
  /// Bytes of the index per unit of a series id.
  private let idUnit: Int
  /// Nil when nothing is deleted.
  private let tombstones: Tombstones?
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
  init(
    _ block: LoadedBlock, plan: ReadPlan, windows: WindowShape, remaining: [LabelMatcher]
  ) async throws(ReadFailure) {
    self.block = block.id
    self.plan = plan
    self.windows = windows
    hasTests = !remaining.isEmpty
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

  /// For series that `other` found to match.
  init(tested other: SeriesDecoder) {
    block = other.block
    plan = other.plan
    windows = other.windows
    hasTests = false
    symbols = other.symbols
    idUnit = other.idUnit
    tombstones = other.tombstones
    template = Scratch(assembler: other.template.assembler, tests: [])
  }

  /// Decodes series until `ids` end or the window is full.
  ///
  /// - Parameter parts: Of the index, in the order of their beginnings; each entry is whole in the
  ///   last one that begins at or before it.
  func decode(
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
      guard result.window.labels.count < windows.labelBytes,
        result.window.spans.count < windows.chunkCount
      else { return index - ids.startIndex }
      do throws(BlockError) {
        let isWanted = try decode(
          ids[index], in: bytes, from: part.fileOffset, keepsSpans: keepsSpans, &scratch, &result)
        if !isWanted { result.window.dropUnfinished() }
      } catch {
        result.window.dropUnfinished()
        scratch.keptLast = false
        let cause = error.inFile("index")
        try ReadFailure.ending { () throws(QueryError) in
          try result.damage.note(cause, in: block)
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
