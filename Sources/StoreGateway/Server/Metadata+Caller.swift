internal import GRPCCore
internal import Telemetry

extension Metadata {
  /// The first value of a key that is text.
  func first(_ key: String) -> String? {
    var values = self[stringValues: key].makeIterator()
    return values.next()
  }

  /// Who asks, for metrics, logs and limits.
  var tenant: String {
    first("thanos-tenant").flatMap { $0.isEmpty ? nil : $0 } ?? Tenant.unnamed
  }
}
