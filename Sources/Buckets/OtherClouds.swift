internal import ObjectStore
internal import S3

/// Stores with an interface of their own that speak S3 as well, with the same keys: their
/// configurations are read as the reference reads them, and lead to the S3 endpoint.
enum OtherClouds {
  /// COS. `endpoint`, where given, is the URL of the bucket.
  static func tencent(_ node: ConfigurationNode) throws(ConfigurationError) -> S3Configuration {
    let values = try StrictMapping(
      node, name: "config",
      known: [
        "bucket", "region", "app_id", "endpoint", "secret_key", "secret_id", "http_config",
      ])
    var region = try values.string("region") ?? ""
    let bucket: String
    var address = Address("cos.\(region).myqcloud.com")
    if let url = try values.string("endpoint"), !url.isEmpty {
      address = Address(url)
      guard let dot = address.host.firstIndex(of: ".") else {
        throw ConfigurationError(
          line: values["endpoint"]?.line,
          detail: "endpoint must be the URL of the bucket: https://BUCKET.cos.REGION.myqcloud.com")
      }
      bucket = String(address.host[..<dot])
      address.host = String(address.host[address.host.index(after: dot)...])
      if region.isEmpty { region = address.label(after: "cos") ?? "" }
    } else {
      bucket = "\(try text("bucket", values))-\(try text("app_id", values))"
      _ = try text("region", values)
    }
    return try configuration(
      bucket: bucket, address: address, region: region, values, accessKey: "secret_id",
      secretKey: "secret_key")
  }

  /// ALIYUNOSS. The S3 endpoint is `s3.` and the other one.
  static func alibaba(_ node: ConfigurationNode) throws(ConfigurationError) -> S3Configuration {
    let values = try StrictMapping(
      node, name: "config", known: ["endpoint", "bucket", "access_key_id", "access_key_secret"])
    var address = Address(try text("endpoint", values))
    let label = address.host.prefix { $0 != "." }
    if label.hasPrefix("oss-") { address.host = "s3.\(address.host)" }
    var region = label.hasPrefix("oss-") ? label.dropFirst("oss-".count) : label
    if region.hasSuffix("-internal") { region = region.dropLast("-internal".count) }
    return try configuration(
      bucket: try text("bucket", values), address: address, region: String(region), values,
      accessKey: "access_key_id", secretKey: "access_key_secret")
  }

  /// OBS. Speaks S3 at the same endpoint.
  static func huawei(_ node: ConfigurationNode) throws(ConfigurationError) -> S3Configuration {
    let values = try StrictMapping(
      node, name: "config",
      known: ["bucket", "endpoint", "access_key", "secret_key", "http_config"])
    let address = Address(try text("endpoint", values))
    return try configuration(
      bucket: try text("bucket", values), address: address,
      region: address.label(after: "obs") ?? "", values, accessKey: "access_key",
      secretKey: "secret_key")
  }

  private static func configuration(
    bucket: String, address: Address, region: String, _ values: StrictMapping, accessKey: String,
    secretKey: String
  ) throws(ConfigurationError) -> S3Configuration {
    var made = S3Configuration(bucket: bucket, endpoint: address.host)
    guard made.isValid else {
      throw ConfigurationError(
        line: values.line, detail: "bucket or endpoint cannot be parts of a URL")
    }
    made.region = region
    made.isInsecure = address.isPlain
    made.accessKey = try text(accessKey, values)
    made.secretKey = try text(secretKey, values)
    made.http = try S3HTTPOptions.parse(values["http_config"])
    return made
  }

  private static func text(
    _ key: String, _ values: StrictMapping
  ) throws(ConfigurationError) -> String {
    guard let text = try values.string(key), !text.isEmpty else {
      throw ConfigurationError(line: values.line, detail: "no \(key) in config")
    }
    return text
  }

  /// A host, from a host or a URL.
  private struct Address {
    var host: String
    let isPlain: Bool

    init(_ text: String) {
      var rest = text[...]
      isPlain = rest.hasPrefix("http://")
      for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
        rest = rest.dropFirst(scheme.count)
      }
      host = String(rest.prefix { $0 != "/" })
    }

    /// The part of the host behind another one.
    func label(after name: String) -> String? {
      let labels = host.split(separator: ".")
      guard let place = labels.firstIndex(of: name[...]), place + 1 < labels.count else {
        return nil
      }
      return String(labels[place + 1])
    }
  }
}
