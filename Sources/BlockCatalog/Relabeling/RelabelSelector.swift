public import TSDBBlock

/// Which blocks a program works on, by their external labels: how several of them share a bucket.
///
///     external labels, without replica labels ┐
///     __block_id                              ┴─► rule ─► rule ─► … ─► kept if any label is left
public struct RelabelSelector: Sendable {
  /// Applied in this order; the first that hides a block ends it.
  public var rules: [RelabelRule]

  public init(rules: [RelabelRule] = []) { self.rules = rules }

  /// The label that holds a block's identity. An external label of this name replaces it.
  public static let blockIDLabel = Array("__block_id".utf8)

  /// Whether the rules leave the block.
  ///
  /// - Parameter replicaLabels: not seen by the rules, so that the blocks of all replicas fall
  ///   into one shard and can be merged there.
  public func keeps(_ meta: BlockMeta, without replicaLabels: ReplicaLabels) -> Bool {
    var labels = [Self.blockIDLabel: Array(meta.id.description.utf8)]
    for label in meta.thanos?.labels ?? [] where !replicaLabels.names.contains(label.name) {
      labels[label.name] = label.value.isEmpty ? nil : label.value
    }
    return rules.allSatisfy { $0.apply(to: &labels) } && !labels.isEmpty
  }
}
