import TestSupport
import Testing

@testable import StoreGateway

@Suite(.timeLimit(.minutes(2))) struct MemoryBudgetTests {
  @Test func `a request larger than the budget is refused at once`() async throws {
    let budget = MemoryBudget(byteCount: 100)
    // Twelve bytes are kept for requests that run.
    await #expect(throws: QueryError.memory(needed: 89, of: 100, waited: nil)) {
      try await budget.admit(89)
    }
    #expect(budget.used == 0)
    #expect(try await budget.admit(88).byteCount == 88)
  }

  @Test func `a request that waits too long is refused and says how long`() async throws {
    let budget = MemoryBudget(byteCount: 100, patience: .milliseconds(1))
    let first = try await budget.admit(60)
    await #expect(
      throws: QueryError.memory(needed: 50, of: 100, waited: .milliseconds(1))
    ) {
      try await budget.admit(50)
    }
    #expect(budget.waiting == 0)
    #expect(budget.used == first.byteCount)
  }

  @Test func `a request waits until another ends`() async throws {
    let budget = MemoryBudget(byteCount: 100)
    var first: MemoryBudget.Reservation? = try await budget.admit(60)
    let second = Task { try await budget.admit(50).byteCount }
    try await wait { budget.waiting == 1 }
    #expect(first?.byteCount == 60)
    first = nil
    #expect(try await second.value == 50)
    #expect(budget.used == 0)
  }

  @Test func `a request that runs gets what is free, though others wait to begin`() async throws {
    let budget = MemoryBudget(byteCount: 100)
    let running = try await budget.admit(60)
    let waiting = Task { try await budget.admit(50).byteCount }
    try await wait { budget.waiting == 1 }
    // What only makes it faster it does not get.
    #expect(!running.take(10))
    try running.need(30)
    #expect(budget.used == 90)
    #expect(throws: QueryError.memory(needed: 101, of: 100, waited: nil)) { try running.need(11) }
    running.release(60)
    #expect(try await waiting.value == 50)
    #expect(running.byteCount == 30)
  }

  @Test func `the last one admitted leaves something for those that run`() async throws {
    let budget = MemoryBudget(byteCount: 100)
    let first = try await budget.admit(44)
    let second = try await budget.admit(44)
    #expect(!first.take(1))
    try first.need(6)
    try second.need(6)
    #expect(budget.used == budget.capacity)
  }

  @Test func `no request gives back more than it holds`() async throws {
    let budget = MemoryBudget(byteCount: 100)
    let other = try await budget.admit(10)
    let reservation = try await budget.admit(20)
    reservation.release(50)
    reservation.release(-5)
    #expect(reservation.byteCount == 0)
    #expect(budget.used == other.byteCount)
  }

  @Test(arguments: UInt64(0)..<8)
  func `what is used is the sum of what requests hold`(seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let capacity = 1000
    let budget = MemoryBudget(byteCount: capacity, patience: .zero)
    // Beside each reservation what it should hold.
    var held: [(reservation: MemoryBudget.Reservation, byteCount: Int)] = []
    for _ in 0..<500 {
      let bytes = Int.random(in: 0...400, using: &random)
      let used = held.reduce(0) { $0 + $1.byteCount }
      let isThere = used + bytes <= capacity
      let isFree = used + bytes <= capacity - capacity / 8
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        let reservation = try? await budget.admit(bytes)
        #expect((reservation != nil) == isFree)
        if let reservation { held.append((reservation, bytes)) }
      case 1:
        if !held.isEmpty { held.remove(at: Int.random(in: held.indices, using: &random)) }
      case let operation:
        guard let index = held.indices.randomElement(using: &random) else { continue }
        if operation == 2 {
          held[index].reservation.release(bytes)
          held[index].byteCount -= min(bytes, held[index].byteCount)
        } else {
          let got =
            operation == 3
            ? held[index].reservation.take(bytes)
            : (try? held[index].reservation.need(bytes)) != nil
          #expect(got == (operation == 3 ? isFree : isThere))
          if got { held[index].byteCount += bytes }
        }
      }
      #expect(budget.used == held.reduce(0) { $0 + $1.byteCount })
      for entry in held { #expect(entry.reservation.byteCount == entry.byteCount) }
    }
    held = []
    #expect(budget.used == 0)
  }
}
