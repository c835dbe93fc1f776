import Buckets
import ObjectStore
import S3
import Testing

@Suite struct BucketConfigurationTests {
  @Test(arguments: [
    "type: FILESYSTEM\nconfig:\n  directory: /data\nprefix: /a/b/\n",
    "type: filesystem\nconfig: {directory: \"/data\"}\nprefix: a//b\n"
      + "hedging_config:\n  enabled: true\n  up_to: 3\n  quantile: 0.9\n",
  ])
  func `a directory and a prefix are understood`(yaml: String) throws {
    #expect(
      try BucketConfiguration.parse(yaml: yaml)
        == BucketConfiguration(
          store: .filesystem(directory: "/data"), prefix: ObjectName("a/b")))
  }

  @Test func `without a prefix the directory is the bucket`() throws {
    let yaml = "type: FILESYSTEM\nconfig:\n  directory: /data\nprefix: \"\"\n"
    let configuration = try BucketConfiguration.parse(yaml: yaml)
    #expect(configuration.prefix == nil)
    #expect(try configuration.makeBucket().name == "fs: /data")
  }

  @Test(arguments: [
    (
      "type: FILESYSTEM\nconfig:\n  directroy: /data\n",
      #"line 3: unknown key "directroy" in config; did you mean "directory"?"#
    ),
    (
      "typ: FILESYSTEM\n",
      #"line 1: unknown key "typ" in the bucket configuration; did you mean "type"?"#
    ),
    (
      "type: FILESYSTEM\nconfig:\n  directory: /d\nhedging_config:\n  zzzzzzzzzz: 1\n",
      #"line 5: unknown key "zzzzzzzzzz" in hedging_config; known are enabled, up_to, quantile"#
    ),
    (
      "type: S3\nconfig:\n  bucket: x\n",
      "line 3: no endpoint in config; write one such as s3.eu-west-1.amazonaws.com"
    ),
    (
      "type: S3\n",
      #"line 1: no config; write "config:" and below it "bucket: NAME" and more"#
    ),
    ("type: FLOPPY\n", #"line 1: unknown type "FLOPPY"; use FILESYSTEM or S3"#),
    (
      "config:\n  directory: /d\n",
      #"line 1: no type; write "type: FILESYSTEM" or "type: S3""#
    ),
    (
      "type: FILESYSTEM\n",
      #"line 1: no config; write "config:" and below it "directory: PATH""#
    ),
    ("type: FILESYSTEM\nconfig:\n  directory:\n", "line 3: no directory in config"),
    ("type: FILESYSTEM\nconfig:\n  directory: [a]\n", "line 3: directory must be one value"),
    (
      "type: FILESYSTEM\nconfig: /data\n",
      #"line 2: config must be keys and values, such as "directory: …""#
    ),
    (
      "type: FILESYSTEM\nconfig:\n  directory: /d\nprefix: a/../b\n",
      #"line 4: prefix is not valid: it has a ".." component"#
    ),
  ])
  func `what is wrong is named with its line`(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try BucketConfiguration.parse(yaml: yaml)
    }
    #expect(error?.description == message)
  }

  @Test(arguments: [
    "", "# nothing\n", "type: \"\n", "a: b: c", "type: A\ntype: B\n", "\t", "- a\n- b\n", "&a *a",
    "type: &x\n? [a]\n: b", "\u{0}", "type: FILESYSTEM\n---\ntype: FILESYSTEM\n",
  ])
  func `broken documents are one-line errors`(yaml: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try BucketConfiguration.parse(yaml: yaml)
    }
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `environment variables are expanded`() throws {
    let lookup = { (name: String) in name == "DIR_1" ? "/data" : nil }
    #expect(try expandEnvironment(in: "a $(DIR_1)/x $(DIR_1)", lookup: lookup) == "a /data/x /data")
    #expect(try expandEnvironment(in: "$ $() $(a b) $x $", lookup: lookup) == "$ $() $(a b) $x $")
    #expect(
      throws: ConfigurationError(
        line: 2, detail: "environment variable GONE is not set; set it or remove $(GONE)")
    ) { try expandEnvironment(in: "a\n$(GONE)", lookup: lookup) }
  }

  // MARK: S3 and other clouds

  private func s3(_ yaml: String) throws -> S3Configuration {
    guard case .s3(let configuration) = try BucketConfiguration.parse(yaml: yaml).store else {
      throw ConfigurationError(detail: "no S3")
    }
    return configuration
  }

  @Test func `a bucket in a store that speaks S3 is understood`() throws {
    let parsed = try s3(
      """
      type: s3
      config: {bucket: b, endpoint: "store:9000", access_key: a, secret_key: s, insecure: true}
      hedging_config: {enabled: true, up_to: 2, quantile: 0.5}
      """)
    #expect(parsed.bucket == "b" && parsed.endpoint == "store:9000" && parsed.isInsecure)
    #expect(parsed.hedging.isEnabled && parsed.hedging.upTo == 2 && parsed.hedging.quantile == 0.5)
  }

  @Test func `other keys for the same objects are the same bucket`() throws {
    func parse(_ bucket: String, _ key: String) throws -> BucketConfiguration {
      try BucketConfiguration.parse(
        yaml: """
          type: S3
          config: {bucket: \(bucket), endpoint: e, access_key: \(key), secret_key: s}
          """)
    }
    #expect(try parse("b", "x").isSameBucket(as: parse("b", "y")))
    #expect(try parse("b", "x") != parse("b", "y"))
    #expect(try !parse("b", "x").isSameBucket(as: parse("c", "x")))
    #expect(try parse("b", "x").localDirectory == nil)
  }

  @Test func `clouds that speak S3 with the same keys are reached through it`() throws {
    let cos = try s3(
      """
      type: COS
      config: {bucket: b, app_id: "125", region: ap-x, secret_id: a, secret_key: s}
      """)
    #expect(cos.bucket == "b-125" && cos.endpoint == "cos.ap-x.myqcloud.com")
    #expect(cos.region == "ap-x" && cos.accessKey == "a" && cos.secretKey == "s")
    let url = try s3(
      """
      type: COS
      config: {endpoint: "http://b-125.cos.ap-x.myqcloud.com", secret_id: a, secret_key: s}
      """)
    #expect(url.bucket == "b-125" && url.endpoint == "cos.ap-x.myqcloud.com")
    #expect(url.region == "ap-x" && url.isInsecure)
    let oss = try s3(
      """
      type: ALIYUNOSS
      config: {endpoint: oss-cn-x-internal.aliyuncs.com, bucket: b, access_key_id: a,
        access_key_secret: s}
      """)
    #expect(oss.endpoint == "s3.oss-cn-x-internal.aliyuncs.com" && oss.region == "cn-x")
    let obs = try s3(
      """
      type: OBS
      config: {endpoint: "https://obs.cn-y.myhuaweicloud.com", bucket: b, access_key: a,
        secret_key: s}
      """)
    #expect(obs.endpoint == "obs.cn-y.myhuaweicloud.com" && obs.region == "cn-y")
  }

  @Test(arguments: ["GCS", "AZURE", "SWIFT", "BOS", "OCI"])
  func `clouds that do not are refused with what to write instead`(type: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try BucketConfiguration.parse(yaml: "type: \(type)\nconfig: {bucket: b}")
    }
    #expect(error?.description.hasPrefix("line 1: type \(type) is not supported: ") == true)
    #expect(error?.description.contains("\"type: S3\"") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `secrets are in no error`() {
    for yaml in [
      "type: S3\nconfig: {bucket: b, endpoint: e/x, access_key: AKIA, secret_key: HUSH}",
      "type: S3\nconfig: {bucket: b, endpoint: e, secret_key: HUSH}",
      "type: S3\nconfig: {bucket: b, endpoint: e, access_key: AKIA, secret_key: [HUSH]}",
      "type: OBS\nconfig: {bucket: b, endpoint: 'e?', access_key: AKIA, secret_key: HUSH}",
    ] {
      let error = #expect(throws: ConfigurationError.self) {
        try BucketConfiguration.parse(yaml: yaml)
      }
      #expect(error?.description.contains("HUSH") == false)
    }
  }
}
