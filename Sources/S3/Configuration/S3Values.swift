internal import ObjectStore

/// Values of a YAML mapping, by their kind.
extension StrictMapping {
  func number(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
    guard let text = try string(key), !text.isEmpty else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw ConfigurationError(
        line: self[key]?.line,
        detail: "\(key) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func duration(_ key: String) throws(ConfigurationError) -> Duration? {
    guard let text = try string(key), !text.isEmpty else { return nil }
    guard let duration = GoDuration.parse(text) else {
      throw ConfigurationError(
        line: self[key]?.line, detail: "\(key) must be a duration such as 30s or 1m30s")
    }
    return duration
  }

  func choice<Value>(
    _ key: String, of values: [String: Value]
  ) throws(ConfigurationError) -> Value? {
    guard let text = try string(key) else { return nil }
    guard let value = values[text] else {
      let known = values.keys.filter { !$0.isEmpty }.sorted().joined(separator: ", ")
      throw ConfigurationError(
        line: self[key]?.line, detail: "\(key) cannot be \"\(text)\"; use one of \(known)")
    }
    return value
  }

  /// Keys and texts of a mapping inside.
  func texts(_ key: String) throws(ConfigurationError) -> [(String, String)] {
    guard let node = self[key] else { return [] }
    guard let pairs = node.texts else {
      throw ConfigurationError(line: node.line, detail: "\(key) must be keys and values")
    }
    return pairs
  }
}

enum S3Values {
  /// Headers that mean the same in any answer; all else is metadata.
  private static let plainHeaders: Set<String> = [
    "cache-control", "content-disposition", "content-encoding", "content-language",
    "content-type", "expires",
  ]

  static func header(ofMetadata name: String) -> String {
    let name = name.lowercased()
    return name.hasPrefix("x-amz-") || plainHeaders.contains(name) ? name : "x-amz-meta-\(name)"
  }

  /// A host with a port, from `endpoint`.
  static func endpoint(_ values: StrictMapping) throws(ConfigurationError) -> String {
    guard let text = try values.string("endpoint"), !text.isEmpty else {
      throw ConfigurationError(
        line: values.line,
        detail: "no endpoint in config; write one such as s3.eu-west-1.amazonaws.com")
    }
    let line = values["endpoint"]?.line
    if let scheme = text.range(of: "://") {
      let isPlain = text[..<scheme.lowerBound].lowercased() == "http"
      throw ConfigurationError(
        line: line,
        detail: "endpoint is a host without a scheme: write \(text[scheme.upperBound...])"
          + (isPlain ? " and \"insecure: true\"" : ""))
    }
    guard S3Endpoint.isAuthority(text) else {
      throw ConfigurationError(line: line, detail: "endpoint must be HOST or HOST:PORT")
    }
    return text
  }
}

extension String {
  fileprivate func range(of text: String) -> Range<String.Index>? {
    let wanted = Array(text.utf8)
    var start = utf8.startIndex
    while start < utf8.endIndex {
      if utf8[start...].starts(with: wanted) {
        return start..<utf8.index(start, offsetBy: wanted.count)
      }
      utf8.formIndex(after: &start)
    }
    return nil
  }
}
