import GRPCCore
import IndexCache
import Logging
import ObjectStore
import RemoteBlocks
import StoreAPI
import Synchronization
import TSDBBlock
import Telemetry
import TestSupport

@testable import StoreGateway

/// A gateway of blocks that are far away, in a bucket that fails on demand.
struct FaultyGateway: Sendable {
  /// What may differ from gateway to gateway and must not be seen in answers.
  struct Setup: Sendable {
    var isCached = false
    var headers = IndexHeaderStore.Configuration(dataDirectory: nil)
    var options = RemoteBlockOptions()
    /// Tries of a read.
    var attempts = 3
    /// How long a try may take: long enough for every machine, short where the bucket stalls.
    var attemptTimeout = Duration.seconds(20)
    var concurrency = 0

    /// - Parameter directory: for the files of index-headers.
    static func random(_ directory: String, using random: inout SeededRandom) -> Setup {
      var setup = Setup()
      setup.isCached = Bool.random(using: &random)
      setup.headers = IndexHeaderStore.Configuration(
        dataDirectory: Bool.random(using: &random) ? directory : nil,
        isLazy: Bool.random(using: &random), downloadsAtUse: Bool.random(using: &random))
      // Guesses that are too short make records be fetched again; without gaps there are many
      // requests.
      let short = FetchEstimates(seriesByteCount: 20, chunkByteCount: 30)
      setup.options = RemoteBlockOptions(
        leavesConditions: Bool.random(using: &random),
        estimates: Bool.random(using: &random) ? short : FetchEstimates(),
        gapByteCount: Bool.random(using: &random) ? 0 : 512 << 10)
      setup.attempts = Int.random(in: 1...3, using: &random)
      setup.attemptTimeout = .milliseconds(50)
      setup.concurrency = [0, 3][Int.random(in: 0..<2, using: &random)]
      return setup
    }
  }

  let naive: [NaiveBlock]
  let bucket: RemoteBucket
  let published = PublishedBlocks()
  let resources: RequestResources
  let service: GatewayStoreService
  private let vanished = Noted<Set<BlockID>>([])

  init(
    _ naive: [NaiveBlock], in directory: String, seed: UInt64 = 1, _ setup: Setup = Setup(),
    resources: RequestResources = RequestResources(memory: MemoryBudget(byteCount: 1 << 30))
  ) throws {
    self.naive = naive
    self.resources = resources
    bucket = try RemoteBucket(directory: directory, seed: seed)
    let registry = MetricRegistry()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let retries = RetryPolicy(
      attempts: setup.attempts, firstDelay: .microseconds(10), maxDelay: .milliseconds(1),
      attemptTimeout: setup.attemptTimeout)
    let reader = RangeReader(
      bucket, limits: RangeReader.Limits(requests: 8, requestsPerCall: 3), retries: retries)
    let remote = RemoteBlockResources(
      reader: reader,
      headers: IndexHeaderStore(
        setup.headers, reader: reader, metrics: IndexHeaderMetrics(registry), logger: logger,
        retries: retries),
      cache: setup.isCached
        ? IndexCacheConfiguration(size: ByteSize(byteCount: 8 << 20)).makeCache(
          registry: registry, logger: logger)
        : nil,
      metrics: FetchMetrics(registry), options: setup.options)
    published.publish(
      BlockSetSnapshot(
        naive.map { block in
          LoadedBlock(
            block.meta,
            .remote(RemoteBlock(id: block.meta.id, meta: block.meta, resources: remote)))
        }))
    let vanished = vanished
    service = GatewayStoreService(
      blocks: published, window: .everything, resources: resources,
      concurrency: setup.concurrency, registry: registry, executor: BlockingExecutor.shared,
      recheck: { ids in vanished.change { $0.formUnion(ids) } })
  }

  /// Blocks that were to be looked at again since the last call.
  func takeRechecks() -> Set<BlockID> {
    vanished.change { ids in
      defer { ids = [] }
      return ids
    }
  }

  func ask(_ question: Question) async -> Outcome {
    await service.ask(question, expected: naive.answer(to: question))
  }

  /// Asks several questions at a time; outcomes in the order of the questions.
  func ask(_ questions: [Question], atOnce: Int = 6) async -> [Outcome] {
    await withTaskGroup(of: (Int, Outcome).self) { group in
      var outcomes = [Outcome?](repeating: nil, count: questions.count)
      for (place, question) in questions.enumerated() {
        if place >= atOnce, let (place, outcome) = await group.next() { outcomes[place] = outcome }
        group.addTask { (place, await ask(question)) }
      }
      for await (place, outcome) in group { outcomes[place] = outcome }
      return outcomes.compactMap(\.self)
    }
  }

  /// Whether requests hold nothing any more, soon: tasks that were cancelled have to notice it.
  func letsGoOfMemory() async -> Bool {
    await soon {
      resources.memory.used == 0 && resources.memory.waiting == 0 && resources.chunkPool.used == 0
    }
  }
}

/// Whether something becomes so within a time that is long enough for every machine.
func soon(_ condition: () -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(20)
  while !condition() {
    guard ContinuousClock.now < end else { return false }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return true
}

/// A value that several tasks change.
final class Noted<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    value.withLock { value in
      var copy = value
      defer { value = copy }
      return body(&copy)
    }
  }
}
