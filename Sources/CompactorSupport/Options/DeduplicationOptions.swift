internal import ArgumentParser
internal import BlockCatalog
internal import Compactor
internal import TSDBBlock

/// Flags that say what becomes of blocks that overlap.
package struct DeduplicationOptions: ParsableArguments {
  @Option(
    name: .customLong("deduplication.replica-label"),
    help: ArgumentHelp(
      """
      External label that tells replicas apart. It is taken off, and blocks of replicas are merged \
      into one. May be given again, or as a list with commas.
      """, valueName: "name"))
  var replicaLabels: [String] = []

  @Option(
    name: .customLong("deduplication.func"),
    help: ArgumentHelp(
      """
      How replicas are merged: '' keeps every time that one of them has, 'penalty' follows one \
      replica and changes over where it has a gap, 'lossless' follows one and fills its gaps with \
      the others' samples.
      """, valueName: "name"))
  var function = DeduplicationFunction.chain

  @Flag(
    name: .customLong("compact.enable-vertical-compaction"),
    help: ArgumentHelp(
      "Merge blocks that overlap also without replica labels.", visibility: .hidden))
  var mergesOverlaps = false

  /// As bytes, sorted, each once.
  var labels: ReplicaLabels {
    ReplicaLabels(
      replicaLabels.flatMap { $0.split(separator: ",", omittingEmptySubsequences: true) }
        .map { Array($0.utf8) })
  }

  package init() {}

  package func validate() throws {
    guard function == .chain || !labels.names.isEmpty else {
      throw ValidationError(
        "--deduplication.func=\(function.rawValue) needs --deduplication.replica-label, the external label that "
          + "tells replicas apart")
    }
  }

  func apply(to configuration: inout CompactorConfiguration) {
    configuration.replicaLabels = labels
    guard mergesOverlaps || !labels.names.isEmpty else { return }
    configuration.overlaps = function.policy
    configuration.planner.mergesOverlaps = true
  }
}

/// Values of `--deduplication.func`.
package enum DeduplicationFunction: String, ExpressibleByArgument, CaseIterable {
  case chain = ""
  case penalty
  case lossless

  var policy: OverlapPolicy {
    switch self {
    case .chain: .chain
    case .penalty: .penalty
    case .lossless: .lossless
    }
  }
}
