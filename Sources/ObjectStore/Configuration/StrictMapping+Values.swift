extension StrictMapping {
  /// `true` or `false`, in any of the words that YAML 1.1 has for them; nil where the key is missing
  /// or has no value.
  package func flag(_ key: String) throws(ConfigurationError) -> Bool? {
    guard let text = try string(key), !text.isEmpty else { return nil }
    switch text.lowercased() {
    case "true", "yes", "on", "y": return true
    case "false", "no", "off", "n": return false
    default: throw wrong(key, "\(key) must be true or false, not \"\(text)\"")
    }
  }

  /// An error in the line of a key.
  package func wrong(_ key: String, _ detail: String) -> ConfigurationError {
    ConfigurationError(line: self[key]?.line ?? line, detail: detail)
  }
}
