internal import GRPCCore
internal import Telemetry

/// Counts and times every call under the names that dashboards of Go services know.
struct CallMetrics: ServerInterceptor {
  let registry: MetricRegistry

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>, _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let call = Call(context.descriptor, in: registry)
    var response: StreamingServerResponse<Output>
    do {
      response = try await next(request, context)
    } catch {
      call.finish(error)
      throw error
    }
    switch response.accepted {
    case .failure(let error):
      call.finish(error)
    case .success(var contents):
      let produce = contents.producer
      contents.producer = { writer in
        do {
          let metadata = try await produce(writer)
          call.finish(nil)
          return metadata
        } catch {
          call.finish(error)
          throw error
        }
      }
      response.accepted = .success(contents)
    }
    return response
  }

  private struct Call: Sendable {
    private let registry: MetricRegistry
    private let labels: [String: String]
    private let start = ContinuousClock.now

    init(_ method: MethodDescriptor, in registry: MetricRegistry) {
      self.registry = registry
      let isStream = ["Series", "Watch", "ServerReflectionInfo"].contains(method.method)
      labels = [
        "grpc_type": isStream ? "server_stream" : "unary",
        "grpc_service": method.service.fullyQualifiedService, "grpc_method": method.method,
      ]
      registry.counter(
        "grpc_server_started_total", help: "Calls begun on the server.", labels: labels
      ).increment()
    }

    func finish(_ error: (any Error)?) {
      registry.counter(
        "grpc_server_handled_total", help: "Calls ended on the server, whatever the outcome.",
        labels: labels.merging(["grpc_code": Self.code(error)]) { $1 }
      ).increment()
      registry.histogram(
        "grpc_server_handling_seconds", help: "Seconds from the first to the last byte of a call.",
        bounds: Histogram.operationBounds, labels: labels
      ).observe(ContinuousClock.now - start)
    }

    private static func code(_ error: (any Error)?) -> String {
      guard let error else { return "OK" }
      if error is CancellationError { return "Canceled" }
      guard let error = error as? RPCError else { return "Unknown" }
      return goNames[error.code] ?? "Unknown"
    }

    /// As Go writes them; ours are written differently.
    private static let goNames: [RPCError.Code: String] = [
      .cancelled: "Canceled", .unknown: "Unknown", .invalidArgument: "InvalidArgument",
      .deadlineExceeded: "DeadlineExceeded", .notFound: "NotFound",
      .alreadyExists: "AlreadyExists", .permissionDenied: "PermissionDenied",
      .resourceExhausted: "ResourceExhausted", .failedPrecondition: "FailedPrecondition",
      .aborted: "Aborted", .outOfRange: "OutOfRange", .unimplemented: "Unimplemented",
      .internalError: "Internal", .unavailable: "Unavailable", .dataLoss: "DataLoss",
      .unauthenticated: "Unauthenticated",
    ]
  }
}
