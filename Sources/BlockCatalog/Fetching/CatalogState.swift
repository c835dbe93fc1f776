internal import ObjectStore
internal import TSDBBlock

/// What a look at one block's directory gave.
enum BlockOutcome: Sendable {
  case found(CachedBlock)
  case gone
  case failed(BucketError)
}

/// What is known of the blocks of a bucket.
struct CatalogState {
  /// As they were seen last.
  var blocks: [BlockID: CachedBlock] = [:]
  /// Blocks that exist and could not be looked at the last time.
  var failures: [BlockID: BucketError] = [:]

  mutating func note(_ outcome: BlockOutcome, of id: BlockID) {
    failures[id] = nil
    switch outcome {
    case .found(let block): blocks[id] = block
    case .gone: blocks[id] = nil
    case .failed(let error): failures[id] = error
    }
  }

  /// Everything named like a block.
  var found: [FoundBlock] {
    let failed = failures.map { id, error in
      FoundBlock(id: id, meta: .failure(.init(id: id, state: .failed, reason: "\(error)")))
    }
    return blocks.values.filter { failures[$0.id] == nil }.map(\.found) + failed
  }

  /// What could not be seen; nil when everything could.
  var gap: IncompleteView? {
    let unknown = blocks.values.compactMap { block -> IncompleteView.Part? in
      guard failures[block.id] == nil, case .failure(let error) = block.meta?.content,
        error.code == .unsupportedVersion
      else { return nil }
      return .init(id: block.id, reason: "\(block.id)/\(error)")
    }
    let failed = failures.map { IncompleteView.Part(id: $0, reason: "\($1)") }
    guard !(unknown.isEmpty && failed.isEmpty) else { return nil }
    return IncompleteView(
      parts: (unknown + failed).sorted { $0.id < $1.id },
      isTransient: failures.values.contains { $0.code == .transient })
  }
}
