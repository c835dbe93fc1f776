/// One more path of an ``AdminServer``.
public struct AdminRoute: Sendable {
  public let method: AdminMethod
  /// A path that ends in `/*` stands for everything below it.
  public let path: String
  /// The label `handler` of metrics.
  public let name: String
  let respond: @Sendable (AdminRequest) async -> AdminResponse

  /// - Parameter name: the label `handler` of metrics; made from the path when it is not given.
  public init(
    _ method: AdminMethod = .get, _ path: String, name: String? = nil,
    respond: @escaping @Sendable (AdminRequest) async -> AdminResponse
  ) {
    self.method = method
    self.path = path
    self.name = name ?? Self.name(ofPath: path)
    self.respond = respond
  }

  /// `/-/healthy` is `healthy`, `/debug/memory` is `debug_memory`, `/` is `root`.
  private static func name(ofPath path: String) -> String {
    let words = path.split(separator: "/").filter { $0 != "-" && $0 != "*" }
    return words.isEmpty ? "root" : words.joined(separator: "_")
  }
}

public enum AdminMethod: String, Sendable {
  case get = "GET"
  case post = "POST"
}
