import Synchronization
import Testing

@testable import RemoteCache

@Suite struct SetQueueTests {
  private func set(_ key: String, bytes: Int = 1) -> PendingSet {
    PendingSet(key: key, value: Array(repeating: 0, count: bytes), lifetime: .seconds(1))
  }

  @Test func `everything is sent once, in batches, by so many at a time`() async {
    let sent = Mutex<[String]>([])
    let running = Mutex((now: 0, most: 0))
    let box = Box(sent: sent, running: running)
    let queue = SetQueue(countLimit: 10_000, concurrency: 3, batchSize: 4) { batch in
      await box.send(batch)
    }
    for number in 0..<3000 { #expect(queue.append(set("\(number)"))) }
    #expect(await eventually { box.sent.withLock { $0.count } == 3000 })
    #expect(Set(box.sent.withLock { $0 }).count == 3000)
    #expect(box.running.withLock { $0.most } <= 3)
    #expect(queue.count == 0)
  }

  @Test func `what finds no room is refused, by number and by bytes`() async {
    let gate = Mutex(true)
    let box = Held(gate: gate)
    let queue = SetQueue(countLimit: 4, byteLimit: 100, concurrency: 1, batchSize: 1) { _ in
      await box.wait()
    }
    #expect(queue.append(set("first")))
    #expect(await eventually { queue.count == 0 })
    #expect(queue.append(set("a", bytes: 60)))
    #expect(!queue.append(set("b", bytes: 60)))
    for _ in 0..<3 { #expect(queue.append(set("c", bytes: 0))) }
    #expect(!queue.append(set("d", bytes: 0)))
    box.open()
    #expect(await eventually { queue.count == 0 })
    #expect(queue.append(set("e", bytes: 100)))
  }

  private final class Box: Sendable {
    let sent: Mutex<[String]>
    let running: Mutex<(now: Int, most: Int)>

    init(sent: consuming Mutex<[String]>, running: consuming Mutex<(now: Int, most: Int)>) {
      self.sent = sent
      self.running = running
    }

    func send(_ batch: [PendingSet]) async {
      running.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      await Task.yield()
      sent.withLock { $0 += batch.map(\.key) }
      running.withLock { $0.now -= 1 }
    }
  }

  private final class Held: Sendable {
    private let gate: Mutex<Bool>

    init(gate: consuming Mutex<Bool>) { self.gate = gate }

    func open() { gate.withLock { $0 = false } }

    func wait() async {
      while gate.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(1)) }
    }
  }
}
