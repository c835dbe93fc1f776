/// Where requests for a bucket go.
///
///     virtual-hosted   https://BUCKET.HOST/KEY      the stores of Amazon, Google, Alibaba, …
///     path             https://HOST/BUCKET/KEY      all others
struct S3Endpoint: Equatable, Sendable {
  /// Stores that know buckets by their hosts, and some of which by nothing else.
  private static let virtualDomains = [
    "storage.googleapis.com", "aliyuncs.com", "myqcloud.com", "tencentcos.cn",
    "myhuaweicloud.com",
  ]

  let scheme: String
  /// Of the `Host` header: with the port when it is not that of the scheme.
  let authority: String
  /// Percent-encoded, before the key: `` or `/BUCKET`.
  let basePath: String

  /// - Parameter region: in use, which is a part of Amazon's hosts.
  init(_ configuration: S3Configuration, region: String) {
    scheme = configuration.isInsecure ? "http" : "https"
    var authority = configuration.endpoint
    if Self.isAmazon(authority) {
      authority = Self.amazonHost(
        authority, region: region, usesDualStack: configuration.usesDualStack)
    }
    let defaultPort = configuration.isInsecure ? ":80" : ":443"
    if authority.hasSuffix(defaultPort) {
      authority = String(authority.dropLast(defaultPort.count))
    }
    let isVirtual: Bool
    switch configuration.lookup {
    case .path: isVirtual = false
    case .virtualHosted: isVirtual = true
    case .auto:
      let host = Self.host(authority)
      let isKnown =
        Self.isAmazon(authority) || Self.virtualDomains.contains { host.hasSuffix($0) }
      // Certificates for *.HOST do not hold for names with one more dot.
      isVirtual = isKnown && (configuration.isInsecure || !configuration.bucket.contains("."))
    }
    self.authority = isVirtual ? "\(configuration.bucket).\(authority)" : authority
    basePath = isVirtual ? "" : "/" + URIEncoding.encode(configuration.bucket)
  }

  /// The path of an object, or of the bucket, percent-encoded.
  func path(_ key: String?) -> String {
    guard let key else { return basePath.isEmpty ? "/" : basePath }
    return "\(basePath)/\(URIEncoding.encode(key, keepsSlash: true))"
  }

  func url(path: String, query: String) -> String {
    "\(scheme)://\(authority)\(path)" + (query.isEmpty ? "" : "?\(query)")
  }

  // MARK: Hosts

  static func host(_ authority: String) -> Substring {
    guard let colon = authority.lastIndex(of: ":"),
      authority[authority.index(after: colon)...].allSatisfy(\.isNumber)
    else { return authority[...] }
    return authority[..<colon]
  }

  static func isAmazon(_ authority: String) -> Bool {
    let host = host(authority).lowercased()
    return host == "s3.amazonaws.com"
      || ((host.hasPrefix("s3.") || host.hasPrefix("s3-"))
        && (host.hasSuffix(".amazonaws.com") || host.hasSuffix(".amazonaws.com.cn")))
  }

  /// The region that a host of Amazon names; nil when it names none.
  static func region(ofHost authority: String) -> String? {
    guard isAmazon(authority) else { return nil }
    var labels = host(authority).lowercased().split(separator: ".").map(String.init)
    labels = labels.filter {
      !["amazonaws", "com", "cn", "dualstack", "s3", "s3-fips"].contains($0)
    }
    guard labels.count == 1, let label = labels.first else { return nil }
    let region = label.hasPrefix("s3-") ? String(label.dropFirst(3)) : label
    return region.contains("-") && region != "accelerate" && !region.hasPrefix("external-")
      ? region : nil
  }

  /// The host of a region. Others than the two common forms (with FIPS, access points, inside a
  /// network) are left alone.
  private static func amazonHost(
    _ authority: String, region: String, usesDualStack: Bool
  ) -> String {
    let host = host(authority).lowercased()
    let known = ["s3.amazonaws.com", "s3.\(region).amazonaws.com", "s3-\(region).amazonaws.com"]
    guard known.contains(host) || (self.region(ofHost: host) != nil && host.hasPrefix("s3.")),
      !host.contains("fips"), !region.isEmpty
    else { return authority }
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    return usesDualStack && !region.hasPrefix("cn-")
      ? "s3.dualstack.\(region).\(domain)" : "s3.\(region).\(domain)"
  }

  /// Whether a text is `HOST` or `HOST:PORT` and nothing more.
  static func isAuthority(_ text: String) -> Bool {
    var host = text[...]
    if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
      let port = text[text.index(after: colon)...]
      guard let number = Int(port), (1...65_535).contains(number) else { return false }
      host = text[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      return host.dropFirst().dropLast().utf8.allSatisfy { byte in
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") || isAlphanumeric(byte)
      }
    }
    return !host.isEmpty
      && host.utf8.allSatisfy { byte in
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
          || isAlphanumeric(byte)
      }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
