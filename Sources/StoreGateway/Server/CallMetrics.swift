internal import GRPCCore
internal import Telemetry

/// Counts and times of calls, under the names that dashboards of Go services know.
///
/// Every method with every code is there from the start, as in the reference: a rate over a counter
/// that appears with its first error misses that error.
struct CallMetrics: Sendable {
  struct Method: Sendable {
    let started: Counter
    let received: Counter
    let sent: Counter
    let seconds: Histogram
    let handled: [String: Counter]

    func finish(_ error: (any Error)?, after duration: Duration) {
      handled[CallStatus.name(error)]?.increment()
      seconds.observe(duration)
    }
  }

  private let methods: [MethodDescriptor: Method]

  init(_ descriptors: [MethodDescriptor], registry: MetricRegistry) {
    methods = Dictionary(
      descriptors.map { ($0, Method($0, registry)) }, uniquingKeysWith: { first, _ in first })
    _ = registry.counter(
      "grpc_req_panics_recovered_total",
      help: "Total number of gRPC requests recovered from internal panic: there are none.")
  }

  subscript(descriptor: MethodDescriptor) -> Method? { methods[descriptor] }
}

extension CallMetrics.Method {
  init(_ descriptor: MethodDescriptor, _ registry: MetricRegistry) {
    let labels = [
      "grpc_type": Self.kind(of: descriptor.method),
      "grpc_service": descriptor.service.fullyQualifiedService,
      "grpc_method": descriptor.method,
    ]
    func counter(_ name: String, _ help: String, _ code: String? = nil) -> Counter {
      registry.counter(
        "grpc_server_" + name, help: help,
        labels: code.map { labels.merging(["grpc_code": $0]) { $1 } } ?? labels)
    }
    started = counter("started_total", "Total number of RPCs started on the server.")
    received = counter(
      "msg_received_total", "Total number of messages received from clients on the server.")
    sent = counter("msg_sent_total", "Total number of messages sent by the server.")
    seconds = registry.histogram(
      "grpc_server_handling_seconds",
      help: "Seconds from the arrival of a call to its end on the server.",
      bounds: Histogram.operationBounds, labels: labels)
    handled = Dictionary(
      uniqueKeysWithValues: CallStatus.names.map {
        (
          $0,
          counter(
            "handled_total",
            "Total number of RPCs completed on the server, whether they succeeded or not.", $0)
        )
      })
  }

  private static func kind(of method: String) -> String {
    switch method {
    case "Series", "Watch": "server_stream"
    case "ServerReflectionInfo": "bidi_stream"
    default: "unary"
    }
  }
}
