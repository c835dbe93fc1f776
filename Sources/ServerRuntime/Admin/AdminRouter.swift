/// Finds the route of a request.
///
///     /prefix/api/v1/blocks     a proxy that cuts the prefix off, and one that does not, both work
///     └─────┘└────────────┘
///     external     path
struct AdminRouter: Sendable {
  enum Match: Sendable {
    case route(AdminRoute)
    case notFound
    /// There is such a path, for these methods.
    case methodNotAllowed([AdminMethod])
  }

  private var exact: [String: [AdminRoute]] = [:]
  private var below: [(prefix: String, route: AdminRoute)] = []
  /// "" or `/prefix`.
  let externalPrefix: String

  init(_ routes: [AdminRoute], externalPrefix: String) {
    for route in routes {
      if route.path.hasSuffix("/*") {
        below.append((String(route.path.dropLast()), route))
      } else {
        exact[route.path, default: []].append(route)
      }
    }
    self.externalPrefix = Self.normalized(prefix: externalPrefix)
  }

  /// The path without the external prefix.
  func localPath(_ path: String) -> String {
    guard !externalPrefix.isEmpty, path.hasPrefix(externalPrefix) else { return path }
    let rest = path.dropFirst(externalPrefix.count)
    return rest.isEmpty ? "/" : rest.hasPrefix("/") ? String(rest) : path
  }

  /// - Parameter path: as ``localPath(_:)`` gives it.
  func match(method: String, path: String) -> Match {
    let routes = exact[path] ?? below.filter { path.hasPrefix($0.prefix) }.map(\.route)
    guard !routes.isEmpty else { return .notFound }
    // An answer to HEAD is that to GET, without its body.
    let wanted = method == "HEAD" ? AdminMethod.get.rawValue : method
    guard let route = routes.first(where: { $0.method.rawValue == wanted }) else {
      return .methodNotAllowed(routes.map(\.method))
    }
    return .route(route)
  }

  /// With a slash in front and none at the end; "" stays.
  static func normalized(prefix: String) -> String {
    let words = prefix.split(separator: "/")
    return words.isEmpty ? "" : "/" + words.joined(separator: "/")
  }
}
