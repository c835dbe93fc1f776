internal import ObjectStore

/// The headers that a web configuration may set, with the values that they may have.
enum WebHeaders {
  private static let known: [String: [String]] = [
    "Content-Security-Policy": [],
    "Permissions-Policy": [],
    "Strict-Transport-Security": [],
    "X-Content-Type-Options": ["nosniff"],
    "X-Frame-Options": ["deny", "sameorigin"],
    "X-XSS-Protection": [],
  ]

  static func parse(
    _ node: ConfigurationNode?
  ) throws(ConfigurationError) -> [String: String] {
    guard let node else { return [:] }
    let names = known.keys.sorted()
    let fields = try StrictMapping(node, name: "headers", known: names)
    var headers: [String: String] = [:]
    for name in names {
      guard let value = try fields.string(name), !value.isEmpty else { continue }
      let line = fields[name]?.line
      let allowed = known[name] ?? []
      guard allowed.isEmpty || allowed.contains(value.lowercased()) else {
        throw ConfigurationError(
          line: line, detail: "\(name) must be \(allowed.joined(separator: " or "))")
      }
      guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        throw ConfigurationError(line: line, detail: "\(name) must be one line of ASCII text")
      }
      headers[name] = value
    }
    return headers
  }
}
