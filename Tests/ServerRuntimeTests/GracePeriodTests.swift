import Logging
import ServerRuntime
import ServiceLifecycle
import Testing

@Suite struct GracePeriodTests {
  /// Ends when it is cancelled and not before, like a stream whose client never reads.
  private struct Stubborn: Service {
    func run() async throws { try await Task.sleep(for: .seconds(3600)) }
  }

  private struct Failing: Service {
    struct Failure: Error {}
    func run() async throws { throw Failure() }
  }

  private struct Obedient: Service {
    func run() async throws { try? await gracefulShutdown() }
  }

  @Test func `what goes on when the time is over is ended, with a word in the log`()
    async throws
  {
    let captured = CapturedLog()
    let service = GracePeriod(
      .milliseconds(10), of: Stubborn(), flag: "--grpc-grace-period", logger: captured.logger())
    let group = ServiceGroup(services: [service], logger: CapturedLog().logger())
    async let run: Void = group.run()
    await group.triggerGracefulShutdown()
    try await run
    #expect(captured.lines.count { $0.contains("flag=--grpc-grace-period") } == 1)
  }

  @Test func `what ends in time is not disturbed`() async throws {
    let captured = CapturedLog()
    let service = GracePeriod(
      .seconds(3600), of: Obedient(), flag: "", logger: captured.logger())
    let group = ServiceGroup(services: [service], logger: CapturedLog().logger())
    async let run: Void = group.run()
    await group.triggerGracefulShutdown()
    try await run
    #expect(captured.lines == [])
  }

  @Test func `a failure of the service is one of the whole`() async throws {
    let service = GracePeriod(
      .seconds(3600), of: Failing(), flag: "", logger: CapturedLog().logger())
    await #expect(throws: Failing.Failure.self) { try await service.run() }
  }
}
