import Testing

@testable import S3

/// The first four are Amazon's published examples; the others were computed with botocore.
@Suite struct SigV4Tests {
  private func signature(
    _ method: String, _ path: String, _ query: [(name: String, value: String)],
    _ headers: [(name: String, value: String)], body: String = "",
    time: String = "20130524T000000Z", region: String = "us-east-1", token: String? = nil
  ) throws -> (names: String, signature: String) {
    let credentials = Credentials(
      accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      sessionToken: token)
    let payload = Digests.hex(Digests.sha256(Array(body.utf8)))
    let moment = try #require(SigningTime(iso8601: time))
    #expect(moment.stamp == time)
    var all = headers + [("x-amz-content-sha256", payload), ("x-amz-date", moment.stamp)]
    if let token { all.append(("x-amz-security-token", token)) }
    let text = SigV4(credentials: credentials, region: region).authorization(
      method: method, path: path,
      query: query.map { (URIEncoding.encode($0.name), URIEncoding.encode($0.value)) },
      headers: all, payload: payload, time: moment)
    let parts = text.split(separator: ", ")
    #expect(
      parts[0]
        == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/\(moment.day)/\(region)/s3/aws4_request"
    )
    return (
      String(parts[1].dropFirst("SignedHeaders=".count)),
      String(parts[2].dropFirst("Signature=".count))
    )
  }

  private let example = (name: "host", value: "examplebucket.s3.amazonaws.com")
  private let local = (name: "host", value: "127.0.0.1:9000")

  @Test func `a ranged read is signed as published`() throws {
    let signed = try signature("GET", "/test.txt", [], [example, ("range", "bytes=0-9")])
    #expect(signed.names == "host;range;x-amz-content-sha256;x-amz-date")
    #expect(
      signed.signature == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
  }

  @Test func `an upload is signed as published`() throws {
    let signed = try signature(
      "PUT", "/" + URIEncoding.encode("test$file.text", keepsSlash: true), [],
      [
        example, ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
      ], body: "Welcome to Amazon S3.")
    #expect(
      signed.signature == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
  }

  @Test func `listings are signed as published`() throws {
    let lifecycle = try signature("GET", "/", [("lifecycle", "")], [example])
    #expect(
      lifecycle.signature == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    let list = try signature("GET", "/", [("prefix", "J"), ("max-keys", "2")], [example])
    #expect(list.signature == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
  }

  @Test func `odd names, tokens and spaces are signed as botocore does`() throws {
    let key = "a b/ü+~%/'()*!&=x"
    let signed = try signature(
      "GET", "/bucket-1/" + URIEncoding.encode(key, keepsSlash: true), [],
      [local, ("if-match", "\"x  y\"")], time: "20260228T235959Z", region: "eu-west-3",
      token: "tok/en+==")
    #expect(
      signed.names == "host;if-match;x-amz-content-sha256;x-amz-date;x-amz-security-token")
    #expect(
      signed.signature == "61ddf049ddc481c92323ccc46d8b025f55a0fc838d6ba0dc7dc306bb8465e566")
  }

  @Test func `parameters are sorted and encoded as botocore does`() throws {
    let signed = try signature(
      "GET", "/bucket-1",
      [
        ("list-type", "2"), ("continuation-token", "a/b+c=="), ("delimiter", "/"),
        ("prefix", "ä b/"),
      ], [local], time: "20241231T010203Z", region: "eu-west-3")
    #expect(
      signed.signature == "c3456f292ca7c6fe6b7b21958d9296e8ae7dd4ca81f8afe2f40e43694e0bb69b")
    let upload = try signature(
      "POST", "/b/k", [("uploads", "")],
      [
        local, ("x-amz-meta-team", "  a   b "), ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
      ], time: "20241231T010203Z", region: "eu-west-3")
    #expect(
      upload.signature == "e85d7bd7b8b34ae6733b1aa20cf12d1d62aa542effbf8ee25a641211b211b9eb")
  }

  @Test func `credentials do not show themselves`() {
    let credentials = Credentials(accessKey: "AKIAEXAMPLE1234", secretKey: "very-secret")
    #expect("\(credentials)" == "credentials …1234")
  }
}
