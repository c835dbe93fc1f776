import Synchronization
import TestSupport
import Testing

@testable import ObjectStore

@Suite(.timeLimit(.minutes(2))) struct FairShareTests {
  /// Asks a share in tasks and notes who was granted something and who was not.
  final class Askers: Sendable {
    let share: FairShare
    private let outcome = Mutex<(granted: Set<Int>, refused: Set<Int>)>(([], []))
    private let tasks = Mutex<[Int: Task<Void, Never>]>([:])

    init(capacity: Int) { share = FairShare(capacity: capacity) }

    var granted: Set<Int> { outcome.withLock { $0.granted } }
    var refused: Set<Int> { outcome.withLock { $0.refused } }

    func ask(_ id: Int, _ units: Int) {
      let task = Task {
        let isGranted = (try? await share.wait(for: units)) != nil
        outcome.withLock { outcome in
          if isGranted {
            _ = outcome.granted.insert(id)
          } else {
            _ = outcome.refused.insert(id)
          }
        }
      }
      tasks.withLock { $0[id] = task }
    }

    func cancel(_ id: Int) { tasks.withLock { $0[id] }?.cancel() }

    func release(_ id: Int, _ units: Int) {
      _ = outcome.withLock { $0.granted.remove(id) }
      share.release(units)
    }

    /// Waits until the tasks have come as far as the twin.
    func settle(like twin: FairShareTwin, refused count: Int) async throws {
      let expected = Set(twin.granted.map(\.id))
      try await wait {
        granted == expected && share.waiting == twin.queue.count && refused.count == count
      }
    }
  }

  @Test(arguments: UInt64(0)..<8)
  func `units go out in the order of asking, whatever is cancelled`(seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let askers = Askers(capacity: 10)
    var twin = FairShareTwin(capacity: 10)
    var cancelled: Set<Int> = []
    for step in 0..<200 {
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        let units = Int.random(in: 1...10, using: &random)
        askers.ask(step, units)
        twin.ask(step, units)
      case 2:
        guard let waiter = twin.queue.randomElement(using: &random) else { continue }
        cancelled.insert(waiter.id)
        askers.cancel(waiter.id)
        twin.cancel(waiter.id)
      default:
        guard let holder = twin.granted.randomElement(using: &random) else { continue }
        askers.release(holder.id, holder.units)
        twin.release(holder.id)
      }
      try await askers.settle(like: twin, refused: cancelled.count)
      #expect(askers.share.used == 10 - twin.available)
      #expect(askers.refused == cancelled)
    }
    while let holder = twin.granted.first {
      askers.release(holder.id, holder.units)
      twin.release(holder.id)
      try await askers.settle(like: twin, refused: cancelled.count)
    }
    #expect(askers.share.used == 0)
    #expect(askers.share.waiting == 0)
  }

  @Test func `a task that is cancelled before it asks gets nothing`() async {
    let share = FairShare(capacity: 1)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      try await share.wait(for: 1)
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(share.used == 0)
    #expect(share.take(1))
  }

  @Test func `who waits is not overtaken by those who would fit`() async throws {
    let share = FairShare(capacity: 10)
    #expect(share.take(8))
    let large = Task { try await share.wait(for: 5) }
    try await wait { share.waiting == 1 }
    #expect(!share.take(1))
    let small = Task { try await share.wait(for: 1) }
    try await wait { share.waiting == 2 }
    #expect(share.used == 8)
    large.cancel()
    try await small.value
    #expect(share.used == 9)
  }

  @Test func `a wait that is too long takes nothing and holds nobody up`() async throws {
    let share = FairShare(capacity: 10)
    #expect(share.take(8))
    let large = Task { try await share.wait(for: 5, atMost: .milliseconds(1)) }
    #expect(try await large.value == false)
    #expect(share.waiting == 0)
    #expect(try await share.wait(for: 2, atMost: .seconds(60)))
    #expect(share.used == 10)
  }

  @Test func `units granted in the moment of a cancellation are not lost`() async throws {
    let share = FairShare(capacity: 1)
    for _ in 0..<40 {
      #expect(share.take(1))
      let waiter = Task { try await share.wait(for: 1, atMost: .seconds(60)) }
      try await wait { share.waiting == 1 }
      let canceller = Task { waiter.cancel() }
      share.release(1)
      await canceller.value
      if (try? await waiter.value) == true { share.release(1) }
      guard share.used == 0 else {
        Issue.record("\(share.used) units belong to nobody")
        return
      }
    }
  }

  @Test(arguments: UInt64(0)..<4)
  func `timeouts and cancellations lose and double nothing`(seed: UInt64) async {
    var random = SeededRandom(seed: seed)
    let share = FairShare(capacity: 20)
    let usage = Usage()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<300 {
        let units = Int.random(in: 1...20, using: &random)
        let patience = Duration.microseconds(Int.random(in: 0..<3000, using: &random))
        let isCancelled = Int.random(in: 0..<3, using: &random) == 0
        let delay = Duration.microseconds(Int.random(in: 0..<2000, using: &random))
        group.addTask {
          let task = Task {
            guard try await share.wait(for: units, atMost: patience) else { return }
            usage.begin(units, by: number)
            await Task.yield()
            usage.end(units)
            share.release(units)
          }
          if isCancelled {
            try? await Task.sleep(for: delay)
            task.cancel()
          }
          _ = await task.result
        }
      }
    }
    #expect(usage.most > 0 && usage.most <= 20)
    #expect(share.used == 0)
    #expect(share.waiting == 0)
  }
}
