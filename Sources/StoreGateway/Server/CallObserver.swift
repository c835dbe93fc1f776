internal import GRPCCore
internal import ServerRuntime
internal import Telemetry

/// Counts, times and logs every call.
struct CallObserver: ServerInterceptor {
  let metrics: CallMetrics
  let log: RequestLog?

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>, _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let call = Call(
      metrics: metrics[context.descriptor], line: line(request.metadata, context))
    call.metrics?.started.increment()
    call.line?.start()
    var request = request
    let received = call.metrics?.received
    request.messages = RPCAsyncSequence(
      wrapping: request.messages.map { message in
        received?.increment()
        return message
      })
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
          let counting = RPCWriter(
            wrapping: CountingWriter(writer: writer, sent: call.metrics?.sent))
          let metadata = try await produce(counting)
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

  private func line(_ metadata: Metadata, _ context: ServerContext) -> RequestLogLine? {
    log?.grpc(
      service: context.descriptor.service.fullyQualifiedService,
      method: context.descriptor.method, peer: context.remotePeer,
      id: RequestID.accepting(metadata.first("request-id")), tenant: metadata.tenant)
  }

  private struct Call: Sendable {
    let metrics: CallMetrics.Method?
    let line: RequestLogLine?
    private let start = ContinuousClock.now

    init(metrics: CallMetrics.Method?, line: RequestLogLine?) {
      self.metrics = metrics
      self.line = line
    }

    func finish(_ error: (any Error)?) {
      let duration = ContinuousClock.now - start
      metrics?.finish(error, after: duration)
      line?.finish(
        code: CallStatus.name(error), message: error.map { Self.text($0) }, duration: duration)
    }

    private static func text(_ error: any Error) -> String {
      (error as? RPCError)?.message ?? "\(error)"
    }
  }
}
