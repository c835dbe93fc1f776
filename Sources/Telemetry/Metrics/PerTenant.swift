internal import Synchronization

/// Metrics that carry the label `tenant`, made when a tenant is first met.
///
/// Clients choose the names of tenants, and must not make metrics without end: those beyond a limit
/// share one name.
package final class PerTenant<Metrics: Sendable>: Sendable {
  private let limit: Int
  private let make: @Sendable (_ tenant: String) -> Metrics
  private let tenants = Mutex<[String: Metrics]>([:])

  /// Makes the metrics of the default tenant, which are always there.
  ///
  /// - Parameter make: Of the value of the label.
  package init(limit: Int = 1000, make: @escaping @Sendable (_ tenant: String) -> Metrics) {
    self.limit = limit
    self.make = make
    _ = self[Tenant.unnamed]
  }

  /// The name under which metrics show those who call themselves so.
  package func name(of tenant: String) -> String {
    tenants.withLock { shown(tenant, in: $0) }
  }

  /// The metrics of those who call themselves so.
  package subscript(tenant: String) -> Metrics {
    tenants.withLock { tenants in
      let name = shown(tenant, in: tenants)
      if let known = tenants[name] { return known }
      let made = make(name)
      tenants[name] = made
      return made
    }
  }

  private func shown(_ tenant: String, in known: [String: Metrics]) -> String {
    known[tenant] != nil || known.count < limit ? tenant : Tenant.others
  }
}

/// Names of tenants that nobody chose.
package enum Tenant {
  /// Of calls that name none.
  package static let unnamed = "default-tenant"
  /// Of all tenants that are too many to be told apart.
  package static let others = "other-tenants"
}
