import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

@Suite(.timeLimit(.minutes(2))) struct QueryGateTests {
  @Test func `with a concurrency of one, calls run one after the other in their order`()
    async throws
  {
    let registry = MetricRegistry()
    let gate = QueryGate(limit: 1, prefix: "g", registry: registry)
    let inFlight = registry.gauge("g_queries_in_flight", help: "")
    let usage = Usage()
    let (opened, open) = AsyncStream.makeStream(of: Void.self)
    var tasks: [Task<Void, any Error>] = []
    for number in 0..<20 {
      tasks.append(
        Task {
          try await gate.run {
            usage.begin(by: number)
            if number == 0 { for await _ in opened { break } }
            await Task.yield()
            usage.end()
          }
        })
      // The next one comes when this one runs, or stands in the queue.
      try await wait { inFlight.value == 1 }
      try await wait { gate.waiting == number }
    }
    open.yield()
    for task in tasks { try await task.value }
    #expect(usage.most == 1)
    #expect(usage.order == Array(0..<20))
    #expect(inFlight.value == 0)
    #expect(registry.gauge("g_queries_max", help: "").value == 1)
  }

  @Test func `a call cancelled while it waits leaves the queue and does not run`() async throws {
    let registry = MetricRegistry()
    let gate = QueryGate(limit: 1, prefix: "g", registry: registry)
    let (opened, open) = AsyncStream.makeStream(of: Void.self)
    let first = Task { try await gate.run { for await _ in opened { break } } }
    let inFlight = registry.gauge("g_queries_in_flight", help: "")
    try await wait { inFlight.value == 1 }
    let usage = Usage()
    let second = Task { try await gate.run { usage.begin(by: 2) } }
    try await wait { gate.waiting == 1 }
    let third = Task { try await gate.run { 3 } }
    try await wait { gate.waiting == 2 }
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    open.yield()
    try await first.value
    #expect(try await third.value == 3)
    #expect(usage.order.isEmpty)
    #expect(gate.waiting == 0)
  }

  @Test func `a call that fails leaves its place to the next`() async throws {
    struct Failure: Error {}
    let gate = QueryGate(limit: 1, prefix: "g", registry: MetricRegistry())
    for _ in 0..<3 {
      await #expect(throws: Failure.self) { try await gate.run { throw Failure() } }
    }
    #expect(try await gate.run { 1 } == 1)
  }

  @Test func `without a limit any number runs at the same time`() async throws {
    let gate = QueryGate(limit: 0, prefix: "g", registry: MetricRegistry())
    let usage = Usage()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          try await gate.run {
            usage.begin(by: number)
            try await wait { usage.most == 50 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(gate.waiting == 0)
  }
}
