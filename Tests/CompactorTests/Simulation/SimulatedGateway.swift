import BlockCatalog
import Logging
import ObjectStore
import Synchronization
import TSDBBlock

/// What a store gateway serves: the blocks of its last look, with the rules and the caution of
/// `BlockSync`. Blocks that it once saw whole it drops only when a complete look does not find them.
final class SimulatedGateway: Sendable {
  private let fetcher: CatalogFetcher
  private let view = Mutex<[BlockID: BlockMeta]>([:])

  static var rules: CatalogRules {
    var rules = CatalogRules()
    // As `--ignore-deletion-marks-delay` is by default.
    rules.deletionDelay = DeletionDelay(milliseconds: 24 * 3_600_000)
    return rules
  }

  init(_ bucket: any Bucket, now: @escaping @Sendable () -> Int64) {
    fetcher = CatalogFetcher(
      bucket: bucket, rules: Self.rules,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
  }

  var blocks: [BlockMeta] { view.withLock { Array($0.values) } }

  /// Looks at the bucket; returns whether it was seen as a whole.
  func sync() async -> Bool {
    guard let look = try? await fetcher.look() else { return false }
    let found = Dictionary(
      look.snapshot.entries.map { ($0.id, $0.meta) }, uniquingKeysWith: { first, _ in first })
    view.withLock { view in
      if look.gap == nil { view = found } else { view.merge(found) { $1 } }
    }
    return look.gap == nil
  }
}
