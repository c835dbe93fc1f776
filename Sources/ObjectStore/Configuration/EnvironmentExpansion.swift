internal import Glibc

/// Replaces every `$(NAME)` by the environment variable of that name.
///
/// What does not look like a name between the parentheses stays as it is.
///
/// - Throws: ``ConfigurationError`` naming the line, when a variable is not set.
public func expandEnvironment(
  in text: String, lookup: (String) -> String? = environmentVariable
) throws(ConfigurationError) -> String {
  var expanded = ""
  var rest = text[...]
  while let start = rest.firstIndex(of: "$") {
    expanded += rest[..<start]
    rest = rest[start...]
    guard let name = referencedName(at: rest) else {
      expanded.append(rest.removeFirst())
      continue
    }
    guard let value = lookup(name) else {
      let line = text[..<start].utf8.count { $0 == UInt8(ascii: "\n") } + 1
      throw ConfigurationError(
        line: line, detail: "environment variable \(name) is not set; set it or remove $(\(name))")
    }
    expanded += value
    rest = rest.dropFirst(name.count + "$()".count)
  }
  return expanded + rest
}

/// A variable of this process.
public func environmentVariable(_ name: String) -> String? {
  // SAFETY: the name is a C string for the call; the value is copied before anything can change it.
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}

private func referencedName(at text: Substring) -> String? {
  guard text.hasPrefix("$("), let end = text.firstIndex(of: ")") else { return nil }
  let name = text[..<end].dropFirst(2)
  guard !name.isEmpty,
    name.utf8.allSatisfy({ byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    })
  else { return nil }
  return String(name)
}
