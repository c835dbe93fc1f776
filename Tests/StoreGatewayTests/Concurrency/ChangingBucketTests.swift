import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import ObjectStore
import ServerRuntime
import StoreAPI
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

/// Many clients while blocks come and go. `STORE_CLIENTS` says how many.
@Suite(.timeLimit(.minutes(10))) struct ChangingBucketTests {
  private static let clients =
    ProcessInfo.processInfo.environment["STORE_CLIENTS"].flatMap(Int.init) ?? 16
  private static let callsPerClient = 8
  /// Clients share a connection in groups of this size.
  private static let clientsPerConnection = 8

  private struct Record: Sendable {
    var call: RandomCall
    /// The last sync that had ended when the call began, and the last one begun when it ended.
    var syncs: ClosedRange<Int>
    var answer: RandomCall.Answer
    var isOrdered: Bool
    var warnings: [String]
  }

  @Test func `every answer is that of the blocks visible at one moment of the call`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      let budget = MemoryBudget(byteCount: 32 << 20)
      let registry = MetricRegistry()
      let served = try await Self.run(directory, budget, registry)
      // Everything that calls held was given back.
      #expect(budget.used == 0 && budget.waiting == 0)
      let pending = registry.gauge("thanos_store_server_pending_series_requests", help: "")
      #expect(pending.value == 0)
      let deadline = ContinuousClock.now + .seconds(20)
      while served.contains(where: { $0.block != nil }), ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(10))
      }
      let kept = served.count { $0.block != nil }
      #expect(!served.isEmpty && kept == 0)
    }
  }

  private static func run(
    _ directory: String, _ budget: MemoryBudget, _ registry: MetricRegistry
  ) async throws -> [ChangingBucket.WeakBlock] {
    let bucket = try ChangingBucket(directory, seed: 5)
    try await bucket.turn()
    var server = StoreServerTests.server(port: try freePort())
    server.store = GatewayStoreService(
      blocks: bucket.published, window: .everything,
      resources: RequestResources(memory: budget), concurrency: 20, registry: registry,
      executor: BlockingExecutor.shared)
    let port = server.address.port
    let records = try await StoreServerTests.withServer(server) { _ in
      let hasAnswers = Atomic(false)
      async let changes: Void = {
        while !hasAnswers.load(ordering: .relaxed) { try await bucket.turn() }
      }()
      let records = try await withThrowingTaskGroup(of: [Record].self) { group in
        for first in stride(from: 0, to: clients, by: clientsPerConnection) {
          group.addTask {
            let clients = first..<min(first + clientsPerConnection, clients)
            return try await ask(port, clients, bucket.history)
          }
        }
        defer { hasAnswers.store(true, ordering: .relaxed) }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      try await changes
      return records
    }
    #expect(records.count == clients * callsPerClient)
    #expect(bucket.history.ended > 3)
    for record in records {
      let candidates = try bucket.history.states(record.syncs).map {
        try record.call.answer(of: $0)
      }
      // A block is announced a moment before it is open.
      let warnings = record.warnings.filter { !$0.hasSuffix("is not open yet") }
      #expect(warnings == [], "\(record.call)")
      #expect(record.isOrdered, "\(record.call)")
      #expect(candidates.contains(record.answer), "\(record.call), syncs \(record.syncs)")
    }
    return await bucket.served
  }

  /// What some clients ask over one connection, and hear.
  private static func ask(
    _ port: Int, _ clients: Range<Int>, _ history: ChangingBucket.History
  ) async throws -> [Record] {
    let transport = try HTTP2ClientTransport.Posix(
      target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
    return try await withGRPCClient(transport: transport) { connection in
      try await withThrowingTaskGroup(of: [Record].self) { group in
        for number in clients {
          group.addTask {
            let client = Thanos_Store.Client(wrapping: connection)
            var random = SeededRandom(seed: UInt64(number))
            var records: [Record] = []
            for _ in 0..<callsPerClient {
              let call = RandomCall(using: &random)
              let first = history.ended
              let (answer, isOrdered, warnings) = try await call.ask(client, StreamingTests.options)
              records.append(
                Record(
                  call: call, syncs: first...history.begun, answer: answer, isOrdered: isOrdered,
                  warnings: warnings))
            }
            return records
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
    }
  }
}
