import ObjectStore
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
      "line 1: type S3 is not supported: this build reads FILESYSTEM buckets"
    ),
    ("type: FLOPPY\n", #"line 1: unknown type "FLOPPY"; use FILESYSTEM"#),
    ("config:\n  directory: /d\n", #"line 1: no type; write "type: FILESYSTEM""#),
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
}
