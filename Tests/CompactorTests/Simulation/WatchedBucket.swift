import ObjectStore
import Synchronization
import TSDBBlock
import TestSupport

@testable import BlockCatalog

/// A bucket that looks at itself after every change: whatever was uploaded must be there.
///
///     a source S is safe      ⇔  some block with all its files has S among its sources
///     S is seen               ⇔  as above, of the blocks that a gateway serves
///     meta.json may go        ⇔  its block has a deletion mark
///     a mark may be written   ⇔  all sources of its block are safe without it, or it is empty,
///                                and blocks without marks hold every sample of it
final class WatchedBucket: ForwardingBucket {
  private struct State {
    /// Blocks that their makers have finished uploading.
    var uploaded: Set<BlockID> = []
    /// Those of them that the gateway has found.
    var announced: Set<BlockID> = []
    var violations: [String] = []
    var metas: [BlockID: BlockMeta] = [:]
    var marked: Set<BlockID> = []
    /// Blocks never change.
    var contents: [BlockID: BlockModel] = [:]
  }

  /// What lies in the bucket at one moment.
  private struct Look {
    var names: Set<String> = []
    var metas: [BlockID: BlockMeta] = [:]

    func isMarked(_ id: BlockID) -> Bool { names.contains("\(id)/\(DeletionMark.fileName)") }

    func isComplete(_ meta: BlockMeta) -> Bool {
      metas[meta.id] != nil && names.contains("\(meta.id)/index")
        && (meta.thanos?.files ?? []).allSatisfy { names.contains("\(meta.id)/\($0.path)") }
    }

    /// Sources of the raw blocks among these that are complete.
    func sources(of blocks: some Sequence<BlockMeta>) -> Set<BlockID> {
      Set(blocks.filter { $0.resolution == 0 && isComplete($0) }.flatMap(\.compaction.sources))
    }
  }

  let base: any Bucket
  private let now: @Sendable () -> Int64
  private let state = Mutex(State())
  private let last = Mutex<Task<Void, Never>?>(nil)
  private let gateway = Mutex<SimulatedGateway?>(nil)
  /// Where replicas are merged, one of two values of a time is lost.
  private let comparesValues: Bool

  init(_ base: MemoryBucket, comparesValues: Bool, now: @escaping @Sendable () -> Int64) {
    self.base = base
    self.comparesValues = comparesValues
    self.now = now
  }

  var violations: [String] { state.withLock { $0.violations } }

  /// From now on the samples of the block must never be missing.
  func expect(_ id: BlockID) { state.withLock { _ = $0.uploaded.insert(id) } }

  /// The gateway has just seen the whole bucket: from now on it must serve all that it found.
  func watch(_ gateway: SimulatedGateway) {
    let found = Set(gateway.blocks.flatMap(\.compaction.sources))
    state.withLock { $0.announced.formUnion(found.intersection($0.uploaded)) }
    self.gateway.withLock { $0 = gateway }
  }

  // MARK: Looking

  /// One look after the other, so that none sees an older bucket than the one before.
  private func look(after change: String) async {
    let look = last.withLock { last in
      let previous = last
      let look = Task {
        await previous?.value
        await inspect(after: change)
      }
      last = look
      return look
    }
    await look.value
  }

  private func inspect(after change: String) async {
    let (uploaded, announced) = state.withLock { ($0.uploaded, $0.announced) }
    do {
      let look = try await look()
      let safe = look.sources(of: look.metas.values)
      let live = look.sources(of: look.metas.values.filter { !look.isMarked($0.id) })
      let shown = look.sources(of: try await freshView(look))
      let served = gateway.withLock { $0 }.map { look.sources(of: $0.blocks) }
      var found: [String] = []
      for id in uploaded {
        if !safe.contains(id) { found.append("samples of \(id) are in no block") }
        if !live.contains(id) { found.append("all blocks with samples of \(id) are marked") }
        if !shown.contains(id) { found.append("a gateway that starts now does not see \(id)") }
      }
      if let served {
        for id in announced where !served.contains(id) {
          found.append("the gateway has lost \(id)")
        }
      }
      let (before, marked) = state.withLock { ($0.metas, $0.marked) }
      for id in before.keys where look.metas[id] == nil && !look.isMarked(id) {
        found.append("\(id) went without a mark")
      }
      for id in look.metas.keys where look.isMarked(id) && !marked.contains(id) {
        if let problem = try await problemOfMark(id, look) { found.append(problem) }
      }
      state.withLock { state in
        state.metas = look.metas
        state.marked = Set(look.metas.keys.filter(look.isMarked))
        state.violations += found.map { "\(change): \($0)" }
      }
    } catch {
      state.withLock { $0.violations.append("\(change): \(error)") }
    }
  }

  private func look() async throws -> Look {
    var look = Look()
    let names = try await base.list(nil, recursive: true).map(\.name.text)
    look.names = Set(names)
    for name in names where name.hasSuffix("/\(BlockMeta.fileName)") {
      let bytes = try? await base.read(ObjectName(name))
      if let bytes, let meta = try? BlockMeta(json: bytes) { look.metas[meta.id] = meta }
    }
    return look
  }

  /// The blocks that a gateway would serve that looks for the first time.
  private func freshView(_ look: Look) async throws -> [BlockMeta] {
    var blocks: [FoundBlock] = []
    for meta in look.metas.values {
      var block = FoundBlock(id: meta.id, meta: .success(meta))
      if look.isMarked(meta.id),
        let bytes = try? await base.read(ObjectName("\(meta.id)/\(DeletionMark.fileName)"))
      {
        block.deletionMark = try? DeletionMark(json: bytes)
      }
      blocks.append(block)
    }
    return SimulatedGateway.rules.apply(to: blocks, now: now()).entries.map(\.meta)
  }

  /// What is wrong with marking a block: samples that no block without a mark has.
  private func problemOfMark(_ id: BlockID, _ look: Look) async throws -> String? {
    guard let meta = look.metas[id], look.isComplete(meta) else { return nil }
    let sources = Set(meta.compaction.sources)
    let heirs = look.metas.values.filter {
      !look.isMarked($0.id) && look.isComplete($0) && $0.resolution == meta.resolution
        && sources.isSubset(of: $0.compaction.sources)
    }
    guard let heir = heirs.first else {
      return meta.stats.samples == 0 ? nil : "\(id) is marked and no other block has its sources"
    }
    let (old, new) = (try await contents(of: id), try await contents(of: heir.id))
    for (labels, samples) in old {
      for (time, value) in samples {
        guard let kept = new[labels]?[time], kept == value || !comparesValues else {
          return "\(id) is marked and \(heir.id) lacks its sample of \(time)"
        }
      }
    }
    return nil
  }

  private func contents(of id: BlockID) async throws -> BlockModel {
    if let known = state.withLock({ $0.contents[id] }) { return known }
    let model = try await BlockModel(id, in: base)
    state.withLock { $0.contents[id] = model }
    return model
  }

  // MARK: Bucket

  func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await base.write(bytes, to: name)
    await look(after: "write \(name)")
  }

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await base.create(bytes, at: name)
    await look(after: "create \(name)")
  }

  func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await base.upload(file: path, to: name)
    await look(after: "upload \(name)")
  }

  func delete(_ name: ObjectName) async throws(BucketError) {
    try await base.delete(name)
    await look(after: "delete \(name)")
  }

  func localPath(_ name: ObjectName) -> String? { nil }
}
