internal import Telemetry

extension AdminRoute {
  /// What every server has.
  static func standard(_ registry: MetricRegistry, _ probe: Probe) -> [AdminRoute] {
    [
      AdminRoute(.get, "/metrics") { request in
        let format = ExpositionFormat.preferred(byAccept: request.accept)
        return AdminResponse(
          contentType: format.contentType, text: registry.exposition(format))
      },
      AdminRoute(.get, "/-/healthy") { _ in answer(probe.isHealthy) },
      AdminRoute(.get, "/-/ready") { _ in answer(probe.isReady) },
    ]
  }

  private static func answer(_ isTrue: Bool) -> AdminResponse {
    AdminResponse(status: isTrue ? 200 : 503, text: isTrue ? "OK" : "NOT OK")
  }
}
