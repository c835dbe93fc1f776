internal import ObjectStore
internal import S3

/// The types of stores that configurations name.
enum StoreType: String, CaseIterable {
  case filesystem = "FILESYSTEM"
  case s3 = "S3"
  case gcs = "GCS"
  case azure = "AZURE"
  case swift = "SWIFT"
  case cos = "COS"
  case oss = "ALIYUNOSS"
  case bos = "BOS"
  case oci = "OCI"
  case obs = "OBS"

  static func parse(_ root: StrictMapping) throws(ConfigurationError) -> StoreType {
    guard let name = try root.string("type"), !name.isEmpty else {
      throw ConfigurationError(
        line: root.line, detail: "no type; write \"type: FILESYSTEM\" or \"type: S3\"")
    }
    guard let type = StoreType(rawValue: name.uppercased()) else {
      throw ConfigurationError(
        line: root["type"]?.line, detail: "unknown type \"\(name)\"; use FILESYSTEM or S3")
    }
    return type
  }

  /// Reads what stands below `config:`.
  func store(_ root: StrictMapping) throws(ConfigurationError) -> BucketConfiguration.Store {
    if let advice {
      throw ConfigurationError(
        line: root["type"]?.line, detail: "type \(rawValue) is not supported: \(advice)")
    }
    guard let config = root["config"] else {
      throw ConfigurationError(
        line: root.line,
        detail: self == .filesystem
          ? "no config; write \"config:\" and below it \"directory: PATH\""
          : "no config; write \"config:\" and below it \"bucket: NAME\" and more")
    }
    switch self {
    case .s3: return .s3(try S3Configuration.parse(config))
    case .cos: return .s3(try OtherClouds.tencent(config))
    case .oss: return .s3(try OtherClouds.alibaba(config))
    case .obs: return .s3(try OtherClouds.huawei(config))
    default: return .filesystem(directory: try directory(config))
    }
  }

  private func directory(_ config: ConfigurationNode) throws(ConfigurationError) -> String {
    let values = try StrictMapping(config, name: "config", known: ["directory"])
    guard let directory = try values.string("directory"), !directory.isEmpty else {
      throw ConfigurationError(line: values.line, detail: "no directory in config")
    }
    return directory
  }

  /// What to write instead, for stores whose own interface we do not speak.
  private var advice: String? {
    switch self {
    case .filesystem, .s3, .cos, .oss, .obs: nil
    case .gcs:
      """
      Google's store speaks S3 as well. Write "type: S3", "endpoint: storage.googleapis.com", \
      "region: auto", and as access_key and secret_key an HMAC key of a service account
      """
    case .azure:
      """
      Azure's store does not speak S3. Put a gateway in front of it that does, and write \
      "type: S3" with the gateway as endpoint
      """
    case .swift:
      """
      Swift speaks S3 where its proxy has the s3api filter. Write "type: S3" with the proxy as \
      endpoint and EC2 credentials as access_key and secret_key
      """
    case .bos:
      """
      Baidu's store speaks S3 as well. Write "type: S3", "endpoint: s3.REGION.bcebos.com" and \
      the same keys
      """
    case .oci:
      """
      Oracle's store speaks S3 as well. Write "type: S3", "endpoint: \
      NAMESPACE.compat.objectstorage.REGION.oraclecloud.com", "region: REGION", \
      "bucket_lookup_type: path", and as access_key and secret_key a customer secret key
      """
    }
  }
}
