import GRPCCore
import ObjectStore
import StoreAPI
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

/// Calls that end early, that wait, and that find no room.
@Suite(.timeLimit(.minutes(2))) struct CancellationTests {
  private static let seriesCount = 600

  /// A store over one block, with a budget and a gate.
  private struct Store {
    let budget: MemoryBudget
    let registry = MetricRegistry()
    let service: GatewayStoreService

    init(_ directory: String, budget: Int, concurrency: Int, patience: Duration) throws {
      self.budget = MemoryBudget(byteCount: budget, patience: patience)
      let series = (0..<seriesCount).map { TestSeries("__name__=m,n=\($0)", at: [0]) }
      let blocks = PublishedBlocks()
      blocks.publish(
        BlockSetSnapshot([try AskedStore.write(.init(series: series), 1, in: directory)]))
      service = GatewayStoreService(
        blocks: blocks, window: .everything, resources: RequestResources(memory: self.budget),
        concurrency: concurrency, registry: registry, executor: BlockingExecutor.shared)
    }

    /// Asks for everything.
    func ask(_ writer: HeldWriter) -> Task<Void, any Error> {
      Task {
        var request = Thanos_SeriesRequest()
        request.maxTime = .max
        request.matchers = [Thanos_LabelMatcher("__name__=m")]
        try await service.series(request, metadata: [:], to: RPCWriter(wrapping: writer))
      }
    }

    /// A call that is in the middle of its answer and gets no further.
    func hold() async throws -> (writer: HeldWriter, task: Task<Void, any Error>) {
      let writer = HeldWriter(isHeld: true)
      let task = ask(writer)
      try await wait { writer.frames > 0 }
      return (writer, task)
    }

    var pending: Double {
      registry.gauge("thanos_store_server_pending_series_requests", help: "").value
    }

    var inFlight: Double {
      registry.gauge("thanos_bucket_store_series_gate_queries_in_flight", help: "").value
    }

    /// Waits until nothing is held any more: windows that were begun are made to their end.
    func settle() async throws {
      try await wait { budget.used == 0 }
      #expect(budget.waiting == 0)
      #expect(pending == 0 && inFlight == 0 && service.seriesGate.waiting == 0)
    }
  }

  private static func with(
    budget: Int = 1 << 30, concurrency: Int = 0, patience: Duration = .seconds(60),
    _ body: (Store) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let store = try Store(
        directory, budget: budget, concurrency: concurrency, patience: patience)
      try await body(store)
      try await store.settle()
      // It serves as before.
      let writer = HeldWriter(isHeld: false)
      try await store.ask(writer).value
      #expect(writer.frames == seriesCount)
      try await store.settle()
    }
  }

  @Test func `streams cancelled in the middle give back all they held`() async throws {
    try await Self.with { store in
      var calls: [(writer: HeldWriter, task: Task<Void, any Error>)] = []
      for _ in 0..<20 { calls.append(try await store.hold()) }
      #expect(store.pending == 20)
      #expect(store.budget.used > 20 << 20)
      for call in calls { call.task.cancel() }
      for call in calls {
        await #expect(throws: (any Error).self) { try await call.task.value }
        #expect(call.writer.frames < Self.seriesCount)
      }
    }
  }

  @Test func `a call cancelled at the gate lets the next one in`() async throws {
    try await Self.with(concurrency: 1) { store in
      let first = try await store.hold()
      let gate = store.service.seriesGate
      let (second, third) = (HeldWriter(isHeld: false), HeldWriter(isHeld: false))
      let secondCall = store.ask(second)
      try await wait { gate.waiting == 1 }
      let thirdCall = store.ask(third)
      try await wait { gate.waiting == 2 }
      #expect(store.inFlight == 1 && store.pending == 3)
      secondCall.cancel()
      await #expect(throws: CancellationError.self) { try await secondCall.value }
      #expect(gate.waiting == 1)
      first.writer.release()
      try await first.task.value
      try await thirdCall.value
      #expect(first.writer.frames == Self.seriesCount)
      #expect(second.frames == 0)
      #expect(third.frames == Self.seriesCount)
    }
  }

  @Test func `a call that finds no memory in time fails and says so`() async throws {
    // One call is admitted with 2 MiB for batches and one window.
    try await Self.with(budget: 4 << 20, patience: .milliseconds(20)) { store in
      let first = try await store.hold()
      let error = await #expect(throws: RPCError.self) {
        try await store.ask(HeldWriter(isHeld: false)).value
      }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.message.contains("did not become free within 0 seconds") == true)
      #expect(error?.message.contains("--store.memory-budget") == true)
      let dropped =
        "thanos_bucket_store_queries_dropped_total{reason=\"memory\",tenant=\"default-tenant\"} 1"
      #expect(store.registry.exposition(.text).contains(dropped))
      first.task.cancel()
      _ = await first.task.result
    }
  }

  @Test func `a call cancelled while it waits for memory leaves the queue`() async throws {
    try await Self.with(budget: 4 << 20) { store in
      let first = try await store.hold()
      let second = store.ask(HeldWriter(isHeld: false))
      try await wait { store.budget.waiting == 1 }
      second.cancel()
      await #expect(throws: CancellationError.self) { try await second.value }
      #expect(store.budget.waiting == 0)
      first.task.cancel()
      _ = await first.task.result
    }
  }

  @Test func `calls beyond the memory wait, and all are answered`() async throws {
    try await Self.with(budget: 6 << 20) { store in
      let writers = (0..<40).map { _ in HeldWriter(isHeld: false) }
      let calls = writers.map { store.ask($0) }
      for call in calls {
        try await call.value
        #expect(store.budget.used <= store.budget.capacity)
      }
      #expect(writers.map(\.frames) == Array(repeating: Self.seriesCount, count: 40))
    }
  }
}
