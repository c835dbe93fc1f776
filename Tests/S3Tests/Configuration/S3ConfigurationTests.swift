import AsyncHTTPClient
import ObjectStore
import Testing
import TransportSecurity

@testable import S3

@Suite struct S3ConfigurationTests {
  private func parse(_ yaml: String) throws -> S3Configuration {
    try S3Configuration.parse(#require(try ConfigurationNode.root(ofYAML: yaml)))
  }

  private func problem(_ yaml: String) -> String? {
    do {
      _ = try parse(yaml)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `the reference's example with its defaults is read`() throws {
    let parsed = try parse(
      """
      bucket: "b"
      endpoint: "e:9000"
      region: ""
      disable_dualstack: false
      aws_sdk_auth: false
      access_key: ""
      insecure: false
      signature_version2: false
      secret_key: ""
      session_token: ""
      put_user_metadata: {}
      http_config:
        idle_conn_timeout: 1m30s
        response_header_timeout: 2m
        insecure_skip_verify: false
        tls_handshake_timeout: 10s
        expect_continue_timeout: 1s
        max_idle_conns: 100
        max_idle_conns_per_host: 100
        max_conns_per_host: 0
        tls_config:
          ca_file: ""
          cert_file: ""
          key_file: ""
          server_name: ""
          insecure_skip_verify: false
        disable_compression: false
      trace:
        enable: false
      list_objects_version: ""
      bucket_lookup_type: auto
      send_content_md5: true
      disable_multipart: false
      part_size: 67108864
      sse_config:
        type: ""
        kms_key_id: ""
        kms_encryption_context: {}
        encryption_key: ""
      sts_endpoint: ""
      max_retries: 0
      """)
    #expect(parsed == S3Configuration(bucket: "b", endpoint: "e:9000"))
  }

  @Test func `every value has its effect`() throws {
    let parsed = try parse(
      """
      bucket: b
      endpoint: e
      region: r
      disable_dualstack: true
      access_key: a
      secret_key: s
      session_token: t
      insecure: true
      put_user_metadata: {X-Amz-Storage-Class: GLACIER_IR, Team: x, Cache-Control: no-store}
      http_config:
        idle_conn_timeout: 5s
        response_header_timeout: 7s
        max_idle_conns_per_host: 3
        max_conns_per_host: 9
        insecure_skip_verify: false
        tls_config: {ca_file: c, cert_file: d, key_file: k, server_name: n, insecure_skip_verify: true}
      list_objects_version: v1
      bucket_lookup_type: virtual-hosted
      send_content_md5: false
      disable_multipart: true
      part_size: 5242880
      sse_config: {type: SSE-KMS, kms_key_id: id, kms_encryption_context: {a: b}}
      trace: {enable: true}
      sts_endpoint: sts
      max_retries: 3
      """)
    #expect(
      parsed.uploadHeaders == [
        "x-amz-storage-class": "GLACIER_IR", "x-amz-meta-team": "x", "cache-control": "no-store",
      ])
    #expect(parsed.http.tls.skipsVerification == false)
    #expect(parsed.http.maxConnections == 9)
    #expect(parsed.http.tls.authorityFile == "c")
    #expect(parsed.http.answerTimeout == .seconds(7))
    #expect(parsed.listsVersion1 && parsed.isTraced && !parsed.usesParts && !parsed.sendsContentMD5)
    #expect(parsed.lookup == .virtualHosted)
    #expect(parsed.attempts == 3)
    #expect(parsed.encryption == .keyService(id: "id", context: ["a": "b"]))
    #expect("\(parsed)" == "s3://b at e")
  }

  @Test(arguments: [
    ("bucket: b", "line 1: no endpoint in config; write one such as s3.eu-west-1.amazonaws.com"),
    ("endpoint: e", "line 1: no bucket in config"),
    (
      "{bucket: b, endpoint: 'http://e'}",
      "line 1: endpoint is a host without a scheme: write e and \"insecure: true\""
    ),
    ("{bucket: b, endpoint: 'e/x'}", "line 1: endpoint must be HOST or HOST:PORT"),
    ("{bucket: b, endpoint: 'u@e'}", "line 1: endpoint must be HOST or HOST:PORT"),
    ("{bucket: 'a/b', endpoint: e}", "line 1: \"a/b\" cannot be the name of a bucket"),
    (
      "{bucket: b, endpoint: e, access_key: a}",
      "line 1: access_key is given without secret_key"
    ),
    (
      "{bucket: b, endpoint: e, aws_sdk_auth: true, access_key: a, secret_key: b}",
      "line 1: aws_sdk_auth and access_key exclude each other; remove one"
    ),
    (
      "{bucket: b, endpoint: e, part_size: 1}",
      "line 1: part_size must be at least 5242880 (5 MiB)"
    ),
    (
      "{bucket: b, endpoint: e, sse_config: {type: SSE-KMS}}",
      "line 1: SSE-KMS needs kms_key_id"
    ),
    (
      "{bucket: b, endpoint: e, bucket_lookup_type: dns}",
      "line 1: bucket_lookup_type cannot be \"dns\"; use one of auto, path, virtual-hosted"
    ),
    (
      "{bucket: b, endpoint: e, bukket: x}",
      "line 1: unknown key \"bukket\" in config; did you mean \"bucket\"?"
    ),
    (
      "{bucket: b, endpoint: e, http_config: {idle_conn_timeout: soon}}",
      "line 1: idle_conn_timeout must be a duration such as 30s or 1m30s"
    ),
  ])
  func `mistakes are named with their line`(yaml: String, message: String) {
    #expect(problem(yaml) == message)
  }

  @Test func `signatures of version 2 are refused with a reason`() {
    #expect(
      problem("{bucket: b, endpoint: e, signature_version2: true}")?
        .contains("signature_version2 is not supported") == true)
  }
}

@Suite struct S3EndpointTests {
  private func url(
    _ endpoint: String, _ bucket: String = "b", region: String = "eu-west-1",
    _ change: (inout S3Configuration) -> Void = { _ in }
  ) -> String {
    var configuration = S3Configuration(bucket: bucket, endpoint: endpoint)
    change(&configuration)
    let made = S3Endpoint(configuration, region: region)
    return made.url(path: made.path("k/ö"), query: "")
  }

  @Test func `buckets are in the path but for stores that know hosts only`() {
    #expect(url("localhost:9000") == "https://localhost:9000/b/k/%C3%B6")
    #expect(url("127.0.0.1:80") { $0.isInsecure = true } == "http://127.0.0.1/b/k/%C3%B6")
    #expect(url("storage.googleapis.com") == "https://b.storage.googleapis.com/k/%C3%B6")
    #expect(url("e") { $0.lookup = .virtualHosted } == "https://b.e/k/%C3%B6")
    #expect(
      url("s3.amazonaws.com") { $0.lookup = .path }
        == "https://s3.dualstack.eu-west-1.amazonaws.com/b/k/%C3%B6")
  }

  @Test func `Amazon's hosts are those of the region`() {
    #expect(url("s3.amazonaws.com") == "https://b.s3.dualstack.eu-west-1.amazonaws.com/k/%C3%B6")
    #expect(
      url("s3.eu-west-1.amazonaws.com") { $0.usesDualStack = false }
        == "https://b.s3.eu-west-1.amazonaws.com/k/%C3%B6")
    #expect(
      url("s3.cn-north-1.amazonaws.com.cn", region: "cn-north-1")
        == "https://b.s3.cn-north-1.amazonaws.com.cn/k/%C3%B6")
    #expect(
      url("s3.amazonaws.com", "with.dots")
        == "https://s3.dualstack.eu-west-1.amazonaws.com/with.dots/k/%C3%B6")
    #expect(
      url("s3-fips.us-east-1.amazonaws.com", region: "us-east-1")
        == "https://b.s3-fips.us-east-1.amazonaws.com/k/%C3%B6")
    #expect(S3Endpoint.region(ofHost: "s3.eu-west-1.amazonaws.com") == "eu-west-1")
    #expect(S3Endpoint.region(ofHost: "s3-us-west-2.amazonaws.com") == "us-west-2")
    #expect(S3Endpoint.region(ofHost: "s3.dualstack.ap-south-1.amazonaws.com") == "ap-south-1")
    #expect(S3Endpoint.region(ofHost: "s3.amazonaws.com") == nil)
    #expect(S3Endpoint.region(ofHost: "s3.eu-west-1.example.org") == nil)
  }

  @Test func `the environment names proxies`() {
    func proxy(_ variables: [String: String], _ authority: String, _ scheme: String = "https")
      -> String?
    {
      ProxyEnvironment({ variables[$0] }).proxy(scheme: scheme, authority: authority)
        .map { "\($0.host):\($0.port)" }
    }
    let variables = [
      "HTTPS_PROXY": "http://u:p%40@proxy.example:3128/", "http_proxy": "plain:8080",
    ]
    #expect(proxy(variables, "s3.example") == "proxy.example:3128")
    #expect(proxy(variables, "s3.example", "http") == "plain:8080")
    #expect(proxy(variables, "127.0.0.1:9000", "http") == nil)
    #expect(proxy([:], "s3.example") == nil)
    for exception in ["*", "example.org, s3.example", ".example", "example", "*.example"] {
      #expect(
        proxy(variables.merging(["NO_PROXY": exception]) { $1 }, "s3.example:443") == nil)
    }
    #expect(
      proxy(variables.merging(["no_proxy": "xample,other"]) { $1 }, "s3.example") != nil)
  }
}
