internal import StoreAPI
internal import TSDBBlock

/// External label sets, each once.
struct LabelSets: Equatable, Sendable {
  private var sets: [[UInt8]: [(name: [UInt8], value: [UInt8])]] = [:]

  static func == (left: LabelSets, right: LabelSets) -> Bool {
    left.sets.keys == right.sets.keys
  }

  init() {}

  init(_ metas: some Sequence<BlockMeta>) {
    formUnion(metas)
  }

  mutating func formUnion(_ metas: some Sequence<BlockMeta>) {
    for meta in metas { insert(meta.externalLabels) }
  }

  mutating func insert(_ labels: [(name: [UInt8], value: [UInt8])]) {
    sets[WireLabels.encode(labels)] = labels
  }

  /// Sorted by labels.
  var sorted: [[(name: [UInt8], value: [UInt8])]] {
    sets.sorted { WireLabels.compare($0.key.rawSpan, $1.key.rawSpan) < 0 }.map(\.value)
  }
}
