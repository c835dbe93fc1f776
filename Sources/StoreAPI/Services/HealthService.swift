public import GRPCCore
internal import SwiftProtobuf
internal import Synchronization

/// `grpc.health.v1.Health`. The name "" stands for the whole server.
///
/// Every name is `NOT_SERVING` until ``setServing(_:)``; unknown names are `NOT_FOUND`.
public final class HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
  public typealias Status = Grpc_Health_V1_HealthCheckResponse.ServingStatus

  private struct State {
    var status: Status = .notServing
    var isFinished = false
    var watchers: [UInt64: AsyncStream<Status>.Continuation] = [:]
    var nextWatcher: UInt64 = 0
  }

  private let names: Set<String>
  private let state = Mutex(State())

  /// - Parameter services: Full names that can be asked for, besides "".
  public init(services: [String]) {
    names = Set(services).union([""])
  }

  /// Changes the status of every name and tells the watchers.
  public func setServing(_ isServing: Bool) {
    publish(isServing ? .serving : .notServing, isFinal: false)
  }

  /// Says `NOT_SERVING` for good and ends the streams of all watchers, which would otherwise keep
  /// a graceful shutdown waiting.
  public func shutDown() {
    publish(.notServing, isFinal: true)
  }

  private func publish(_ status: Status, isFinal: Bool) {
    let watchers = state.withLock { state in
      guard !state.isFinished else { return [AsyncStream<Status>.Continuation]() }
      state.status = status
      state.isFinished = isFinal
      return Array(state.watchers.values)
    }
    for watcher in watchers {
      watcher.yield(status)
      if isFinal { watcher.finish() }
    }
  }

  public func check(
    request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    guard names.contains(request.service) else {
      throw RPCError(code: .notFound, message: "unknown service \(request.service)")
    }
    return .with { $0.status = state.withLock { $0.status } }
  }

  public func watch(
    request: Grpc_Health_V1_HealthCheckRequest,
    response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>, context: ServerContext
  ) async throws {
    // The protocol keeps the stream of an unknown service open: it might appear later.
    let isKnown = names.contains(request.service)
    let (statuses, id) = subscribe()
    defer { unsubscribe(id) }
    var last: Status?
    for await status in statuses {
      let shown = isKnown ? status : .serviceUnknown
      guard shown != last else { continue }
      last = shown
      try await response.write(.with { $0.status = shown })
    }
  }

  private func subscribe() -> (AsyncStream<Status>, UInt64) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Status.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.nextWatcher += 1
      continuation.yield(state.status)
      if state.isFinished { continuation.finish() }
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    return (stream, id)
  }

  private func unsubscribe(_ id: UInt64) {
    state.withLock { _ = $0.watchers.removeValue(forKey: id) }
  }
}
