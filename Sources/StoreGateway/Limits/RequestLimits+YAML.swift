public import ObjectStore

extension RequestLimits {
  /// These limits with what a document says in the place of some, all of them if it likes: the document
  /// behind `--store.limits.config` and `--store.limits.config-file`.
  ///
  ///     request_series: 500000      0 for any number, as in the flags
  ///     request_samples: 60000000
  ///     downloaded_bytes: 2GB
  ///
  /// Read strictly. Environment variables are expanded before, by the caller.
  public func overridden(byYAML text: String) throws(ConfigurationError) -> RequestLimits {
    guard let node = try ConfigurationNode.root(ofYAML: text) else { return self }
    let root = try StrictMapping(
      node, name: "the limits", known: ["request_series", "request_samples", "downloaded_bytes"])
    var limits = self
    if let count = try root.count("request_series") { limits.series = count > 0 ? count : nil }
    if let samples = try root.count("request_samples") {
      let chunks = Self.chunks(holding: samples)
      limits.chunks = chunks > 0 ? chunks : nil
    }
    if let text = try root.string("downloaded_bytes") {
      guard let size = ByteSize(text) else {
        throw ConfigurationError(
          line: root["downloaded_bytes"]?.line,
          detail: "downloaded_bytes must be a size such as 2GB, not \"\(text)\"")
      }
      limits.bytes = size.byteCount > 0 ? size.byteCount : nil
    }
    return limits
  }
}

extension StrictMapping {
  fileprivate func count(_ key: String) throws(ConfigurationError) -> Int? {
    guard let text = try string(key) else { return nil }
    guard let count = Int(text), count >= 0 else {
      throw ConfigurationError(
        line: self[key]?.line, detail: "\(key) must be a whole number from 0, not \"\(text)\"")
    }
    return count
  }
}
