import Synchronization
import Testing

@testable import RemoteCache

@Suite struct CircuitBreakerTests {
  private final class Clock: Sendable {
    private let time = Mutex(ContinuousClock.now)
    func now() -> ContinuousClock.Instant { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
  }

  private let clock = Clock()

  private func breaker(_ policy: CircuitBreaker.Policy) -> CircuitBreaker {
    CircuitBreaker(policy) { [clock] in clock.now() }
  }

  private func run(_ breaker: CircuitBreaker, _ success: Bool) -> Bool {
    guard let permit = breaker.permit() else { return false }
    breaker.note(success: success, of: permit)
    return true
  }

  @Test func `failures in a row open it, time half opens it, successes close it`() {
    let breaker = breaker(
      .init(
        halfOpenRequests: 2, openDuration: .seconds(5), minimumRequests: 3,
        consecutiveFailures: 3, failureRatio: 1))
    #expect(run(breaker, true))
    for _ in 0..<3 { #expect(run(breaker, false)) }
    #expect(breaker.isOpen)
    #expect(!run(breaker, true))
    clock.advance(.seconds(5))
    #expect(!breaker.isOpen)
    let permits = [breaker.permit(), breaker.permit(), breaker.permit()]
    #expect(permits.map { $0 != nil } == [true, true, false])
    for permit in permits { if let permit { breaker.note(success: true, of: permit) } }
    for _ in 0..<10 { #expect(run(breaker, true)) }
  }

  @Test func `a failure while it is half open opens it again`() {
    let breaker = breaker(.server)
    for _ in 0..<3 { _ = run(breaker, false) }
    clock.advance(.seconds(5))
    #expect(run(breaker, false))
    #expect(!run(breaker, true))
  }

  @Test func `a part of failures opens it, but not before there were enough requests`() {
    let breaker = breaker(
      .init(minimumRequests: 20, consecutiveFailures: 100, failureRatio: 0.25))
    for number in 0..<19 { #expect(run(breaker, number % 3 != 0)) }
    #expect(run(breaker, false))
    #expect(breaker.isOpen)
  }

  @Test func `counts begin anew after a while, and old answers count for nothing`() {
    let breaker = breaker(.init(minimumRequests: 2, consecutiveFailures: 2, failureRatio: 1))
    #expect(run(breaker, false))
    let old = breaker.permit()
    clock.advance(.seconds(10))
    #expect(run(breaker, true))
    if let old { breaker.note(success: false, of: old) }
    #expect(run(breaker, false))
    #expect(!breaker.isOpen)
  }
}
