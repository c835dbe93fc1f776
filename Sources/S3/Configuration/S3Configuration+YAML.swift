package import ObjectStore

extension S3Configuration {
  private static let keys = [
    "bucket", "endpoint", "region", "disable_dualstack", "aws_sdk_auth", "access_key", "insecure",
    "signature_version2", "secret_key", "session_token", "put_user_metadata", "http_config",
    "trace", "list_objects_version", "bucket_lookup_type", "send_content_md5", "disable_multipart",
    "part_size", "sse_config", "sts_endpoint", "max_retries",
  ]

  /// Reads what stands below `config:`.
  package static func parse(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> S3Configuration {
    let values = try StrictMapping(node, name: "config", known: keys)
    let endpoint = try S3Values.endpoint(values)
    guard let bucket = try values.string("bucket"), !bucket.isEmpty else {
      throw ConfigurationError(line: values.line, detail: "no bucket in config")
    }
    var parsed = S3Configuration(bucket: bucket, endpoint: endpoint)
    guard Self.isBucketName(bucket) else {
      throw ConfigurationError(
        line: values["bucket"]?.line, detail: "\"\(bucket)\" cannot be the name of a bucket")
    }
    parsed.region = try values.string("region") ?? ""
    parsed.usesDualStack = try !(values.flag("disable_dualstack") ?? false)
    parsed.isInsecure = try values.flag("insecure") ?? false
    try parsed.readCredentials(values)
    try parsed.readUploads(values)
    parsed.http = try S3HTTPOptions.parse(values["http_config"])
    if let trace = values["trace"] {
      parsed.isTraced =
        try StrictMapping(trace, name: "trace", known: ["enable"])
        .flag("enable") ?? false
    }
    parsed.listsVersion1 =
      try values.choice("list_objects_version", of: ["": false, "v1": true, "v2": false]) ?? false
    parsed.lookup =
      try values.choice(
        "bucket_lookup_type",
        of: Dictionary(uniqueKeysWithValues: Lookup.allCases.map { ($0.rawValue, $0) })) ?? .auto
    parsed.stsEndpoint = try values.string("sts_endpoint") ?? ""
    let retries = try values.number("max_retries", in: 0...1000) ?? 0
    if retries > 0 { parsed.attempts = retries }
    return parsed
  }

  private mutating func readCredentials(
    _ values: StrictMapping
  ) throws(ConfigurationError) {
    accessKey = try values.string("access_key") ?? ""
    secretKey = try values.string("secret_key") ?? ""
    sessionToken = try values.string("session_token") ?? ""
    usesSDKOrder = try values.flag("aws_sdk_auth") ?? false
    if try values.flag("signature_version2") ?? false {
      throw ConfigurationError(
        line: values["signature_version2"]?.line,
        detail:
          "signature_version2 is not supported: remove it, every store since 2014 knows version 4")
    }
    if usesSDKOrder, !accessKey.isEmpty {
      throw ConfigurationError(
        line: values["aws_sdk_auth"]?.line,
        detail: "aws_sdk_auth and access_key exclude each other; remove one")
    }
    if accessKey.isEmpty != secretKey.isEmpty {
      throw ConfigurationError(
        line: values.line,
        detail: accessKey.isEmpty
          ? "secret_key is given without access_key" : "access_key is given without secret_key")
    }
  }

  private mutating func readUploads(_ values: StrictMapping) throws(ConfigurationError) {
    sendsContentMD5 = try values.flag("send_content_md5") ?? true
    usesParts = try !(values.flag("disable_multipart") ?? false)
    if let size = try values.number("part_size", in: 0...(5 << 30)), size > 0 {
      guard size >= 5 << 20 else {
        throw ConfigurationError(
          line: values["part_size"]?.line, detail: "part_size must be at least 5242880 (5 MiB)")
      }
      partSize = size
    }
    for (name, value) in try values.texts("put_user_metadata") {
      uploadHeaders[S3Values.header(ofMetadata: name)] = value
    }
    encryption = try S3Encryption.parse(values["sse_config"])
  }

  /// A bucket becomes a part of hosts and paths: nothing may have a meaning there.
  static func isBucketName(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

extension S3Encryption {
  static func parse(_ node: ConfigurationNode?) throws(ConfigurationError) -> S3Encryption {
    guard let node else { return .none }
    let values = try StrictMapping(
      node, name: "sse_config",
      known: ["type", "kms_key_id", "kms_encryption_context", "encryption_key"])
    let type = try values.string("type") ?? ""
    switch type {
    case "": return .none
    case "SSE-S3": return .managed
    case "SSE-KMS":
      guard let id = try values.string("kms_key_id"), !id.isEmpty else {
        throw ConfigurationError(line: values.line, detail: "SSE-KMS needs kms_key_id")
      }
      let context = try values.texts("kms_encryption_context")
      return .keyService(id: id, context: Dictionary(context) { _, last in last })
    case "SSE-C":
      guard let path = try values.string("encryption_key"), !path.isEmpty else {
        throw ConfigurationError(
          line: values.line, detail: "SSE-C needs encryption_key, the path of a file of 32 bytes")
      }
      return .customerKey(path: path)
    default:
      throw ConfigurationError(
        line: values["type"]?.line,
        detail: "unknown type \"\(type)\" of encryption; use SSE-S3, SSE-KMS or SSE-C")
    }
  }
}

extension S3Hedging {
  /// Reads `hedging_config`, which stands beside `config`.
  package static func parse(_ node: ConfigurationNode?) throws(ConfigurationError) -> S3Hedging {
    var parsed = S3Hedging()
    guard let node else { return parsed }
    let values = try StrictMapping(
      node, name: "hedging_config", known: ["enabled", "up_to", "quantile"])
    parsed.isEnabled = try values.flag("enabled") ?? false
    parsed.upTo = try values.number("up_to", in: 1...16) ?? parsed.upTo
    if let text = try values.string("quantile"), !text.isEmpty {
      guard let quantile = Double(text), quantile > 0, quantile < 1 else {
        throw ConfigurationError(
          line: values["quantile"]?.line, detail: "quantile must be between 0 and 1, such as 0.9")
      }
      parsed.quantile = quantile
    }
    return parsed
  }
}
