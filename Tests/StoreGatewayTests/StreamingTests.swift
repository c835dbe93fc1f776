import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import ObjectStore
import ServerRuntime
import StoreAPI
import SwiftProtobuf
import Synchronization
import TSDBBlock
import Telemetry
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct StreamingTests {
  static let seriesCount = 600

  /// A block of many small series, which does not fit into the windows of a connection.
  static func load(_ directory: String, padding: Int = 500) throws -> LoadedBlock {
    let series = (0..<seriesCount).map { number in
      TestSeries(
        LabelSet([
          "__name__": "m", "padding": String(repeating: "x", count: padding), "n": "\(number)",
        ]
        ),
        [(time: 0, value: Double(number))])
    }
    _ = try makeBlock(at: directory, id: .make(now: 1), series)
    return try LoadedBlock(BlockReader.readMeta(directory), directory: directory)
  }

  static func withClient<Result: Sendable>(
    _ blocks: PublishedBlocks, executor: any TaskExecutor,
    _ body: @Sendable (Thanos_Store.Client<HTTP2ClientTransport.Posix>) async throws -> Result
  ) async throws -> Result {
    var server = StoreServerTests.server(port: try freePort())
    server.store = GatewayStoreService(blocks: blocks, window: .everything, executor: executor)
    return try await StoreServerTests.withServer(server) { client in
      try await body(Thanos_Store.Client(wrapping: client))
    }
  }

  static let request = Thanos_SeriesRequest.with {
    $0.maxTime = 1
    $0.matchers = [
      .with {
        $0.name = "__name__"
        $0.value = "m"
      }
    ]
  }

  static var options: CallOptions {
    var options = CallOptions.defaults
    options.waitForReady = true
    return options
  }

  @Test func `parallel streams all answer right`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = PublishedBlocks()
      blocks.publish(BlockSetSnapshot([try Self.load(directory + "/b")]))
      let counts = try await Self.withClient(blocks, executor: BlockingExecutor.shared) { client in
        try await withThrowingTaskGroup(of: Int.self) { group in
          for number in 0..<64 {
            group.addTask {
              var request = Self.request
              request.responseBatchSize = number.isMultiple(of: 2) ? 64 : 0
              return try await client.series(request, options: Self.options) { response in
                var count = 0
                for try await frame in response.messages {
                  count += frame.batch.series.count + (frame.series.labels.isEmpty ? 0 : 1)
                }
                return count
              }
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(counts == Array(repeating: Self.seriesCount, count: 64))
    }
  }

  @Test func `a stream cancelled in the middle lets go of the block`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = PublishedBlocks()
      weak var block: LoadedBlock?
      do {
        let loaded = try Self.load(directory + "/b")
        block = loaded
        blocks.publish(BlockSetSnapshot([loaded]))
      }
      try await Self.withClient(blocks, executor: BlockingExecutor.shared) { client in
        await withThrowingTaskGroup(of: Void.self) { group in
          let (firstFrame, seen) = AsyncStream.makeStream(of: Void.self)
          group.addTask {
            try await client.series(Self.request, options: Self.options) { response in
              for try await _ in response.messages {
                seen.yield()
                try await Task.sleep(for: .seconds(60))
              }
            }
          }
          for await _ in firstFrame { break }
          group.cancelAll()
          while let result = await group.nextResult() { _ = result }
        }
      }
      blocks.publish(BlockSetSnapshot([]))
      let deadline = ContinuousClock.now + .seconds(20)
      while block != nil, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(block == nil)
    }
  }

  @Test func `reading blocks happens on the executor for blocking work`() async throws {
    try await withTemporaryDirectory { directory in
      let blocks = PublishedBlocks()
      blocks.publish(BlockSetSnapshot([try Self.load(directory + "/b")]))
      let executor = CountingExecutor()
      let frames = try await Self.withClient(blocks, executor: executor) { client in
        var request = Self.request
        request.responseBatchSize = 100
        return try await client.series(request, options: Self.options) { response in
          var count = 0
          for try await _ in response.messages { count += 1 }
          return count
        }
      }
      #expect(frames == Self.seriesCount / 100)
      // One hop to begin and one per window made ahead: 128, 256 and the rest after the first 64.
      #expect(executor.jobs.load(ordering: .relaxed) >= 4)
    }
  }
}

/// Counts what it runs.
final class CountingExecutor: TaskExecutor {
  let jobs = Atomic(0)

  func enqueue(_ job: consuming ExecutorJob) {
    jobs.add(1, ordering: .relaxed)
    let job = UnownedJob(job)
    Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
