package import ObjectStore

// Values of the documents that describe caches. Absent keys are nil.
extension StrictMapping {
  /// A count, not negative.
  package func count(_ key: String) throws(ConfigurationError) -> Int? {
    guard let text = try string(key) else { return nil }
    guard let count = Int(text), (0...Int(Int32.max)).contains(count) else {
      throw wrong(key, "\(key) \"\(text)\" is no count, such as \"100\"")
    }
    return count
  }

  /// A length of time, such as `250ms`.
  package func duration(_ key: String) throws(ConfigurationError) -> Duration? {
    guard let text = try string(key) else { return nil }
    guard let duration = GoDuration.parse(text) else {
      throw wrong(key, "\(key) \"\(text)\" is no duration, such as \"24h\"")
    }
    return duration
  }

  /// A number of bytes, such as `250MiB`.
  package func size(_ key: String) throws(ConfigurationError) -> ByteSize? {
    guard let text = try string(key) else { return nil }
    guard let size = ByteSize(text) else {
      throw wrong(key, "\(key) \"\(text)\" is no size, such as \"250MiB\"")
    }
    return size
  }

  /// A list of texts.
  package func strings(_ key: String) throws(ConfigurationError) -> [String]? {
    guard let node = self[key] else { return nil }
    guard let elements = node.elements else {
      throw wrong(key, "\(key) must be a list, such as \"[a, b]\"")
    }
    var texts: [String] = []
    for element in elements {
      guard let text = element.text, !text.isEmpty else {
        throw ConfigurationError(line: element.line, detail: "an element of \(key) is no text")
      }
      texts.append(text)
    }
    return texts
  }
}
