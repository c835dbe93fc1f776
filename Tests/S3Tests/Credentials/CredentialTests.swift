import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import S3

/// Answers from a table of URLs, and remembers what was asked.
final class FakeCredentialClient: CredentialClient {
  let asked = Locked<[CredentialRequest]>([])
  private let answers: @Sendable (CredentialRequest) -> CredentialAnswer

  init(_ answers: @escaping @Sendable (CredentialRequest) -> CredentialAnswer) {
    self.answers = answers
  }

  func send(_ request: CredentialRequest) async throws(CredentialError) -> CredentialAnswer {
    asked.withLock { $0.append(request) }
    return answers(request)
  }
}

@Suite struct CredentialTests {
  private static let document = """
    {"Code": "Success", "AccessKeyId": "AK", "SecretAccessKey": "SK", "Token": "TOK",
     "Expiration": "2030-01-01T00:00:00Z"}
    """
  private static let expiration: Int64 = 1_893_456_000

  private func environment(
    _ values: [String: String]
  ) -> @Sendable (String) -> String? { { values[$0] } }

  @Test func `variables are the first choice, and needed in pairs`() async throws {
    let both = EnvironmentCredentials(
      environment: environment([
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c",
      ]))
    let found = try await both.credentials()
    #expect(found == Credentials(accessKey: "a", secretKey: "b", sessionToken: "c"))
    let one = EnvironmentCredentials(environment: environment(["AWS_ACCESS_KEY_ID": "a"]))
    #expect(try await one.credentials() == nil)
  }

  @Test func `the profile in use is read from the file`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/credentials"
      let text = """
        # comment
        [default]
        aws_access_key_id = D
        aws_secret_access_key=DS
        [ team ]
        AWS_ACCESS_KEY_ID=T
        aws_secret_access_key =  T=S
        aws_session_token=TT
        """
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let variables = ["AWS_SHARED_CREDENTIALS_FILE": path]
      let normal = SharedCredentialsFile(environment: environment(variables))
      #expect(try await normal.credentials() == Credentials(accessKey: "D", secretKey: "DS"))
      let team = SharedCredentialsFile(
        environment: environment(variables.merging(["AWS_PROFILE": "team"]) { $1 }))
      #expect(
        try await team.credentials()
          == Credentials(accessKey: "T", secretKey: "T=S", sessionToken: "TT"))
      let missing = SharedCredentialsFile(
        environment: environment(variables.merging(["AWS_PROFILE": "x"]) { $1 }))
      await #expect(throws: CredentialError("\(path) has no profile [x]")) {
        try await missing.credentials()
      }
      let nowhere = SharedCredentialsFile(environment: environment(["HOME": directory]))
      #expect(try await nowhere.credentials() == nil)
    }
  }

  @Test func `a web identity is exchanged for credentials of a role`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/token"
      try Data("jwt+token\n".utf8).write(to: URL(fileURLWithPath: path))
      let body = """
        <AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>AK</AccessKeyId><SecretAccessKey>SK</SecretAccessKey>\
        <SessionToken>TOK</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>\
        </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
        """
      let client = FakeCredentialClient { _ in
        CredentialAnswer(status: 200, body: Array(body.utf8))
      }
      let source = WebIdentity(
        environment: environment([
          "AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
        ]), endpoint: "", region: "eu-west-1", client: client)
      #expect(
        try await source.credentials()
          == Credentials(
            accessKey: "AK", secretKey: "SK", sessionToken: "TOK", expiration: Self.expiration))
      let request = try #require(client.asked.withLock { $0.first })
      #expect(request.url == "https://sts.eu-west-1.amazonaws.com")
      #expect(request.method == .POST)
      let form = String(decoding: request.body, as: UTF8.self)
      #expect(form.hasPrefix("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&"))
      #expect(form.hasSuffix("&WebIdentityToken=jwt%2Btoken"))
      #expect(form.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"))
    }
  }

  @Test func `a refused web identity says why, without the token`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/token"
      try Data("secret-token".utf8).write(to: URL(fileURLWithPath: path))
      let client = FakeCredentialClient { _ in
        CredentialAnswer(
          status: 400,
          body: Array(
            """
            <ErrorResponse><Error><Code>ExpiredTokenException</Code><Message>old</Message></Error>\
            </ErrorResponse>
            """.utf8))
      }
      let source = WebIdentity(
        environment: environment(["AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": "r"]),
        endpoint: "sts.example", region: "", client: client)
      await #expect(
        throws: CredentialError(
          """
          https://sts.example refuses the web identity of r: ExpiredTokenException (status 400): \
          old
          """)
      ) { try await source.credentials() }
    }
  }

  @Test func `the metadata service is asked for a token first`() async throws {
    let client = FakeCredentialClient { request in
      let path = request.url.dropFirst("http://169.254.169.254".count)
      if path == "/latest/api/token" {
        return CredentialAnswer(
          status: request.method == .PUT ? 200 : 405, body: Array("TKN".utf8))
      }
      guard request.headers.contains(where: { $0 == ("x-aws-ec2-metadata-token", "TKN") }) else {
        return CredentialAnswer(status: 401, body: [])
      }
      return path.hasSuffix("/security-credentials/")
        ? CredentialAnswer(status: 200, body: Array("my-role\n".utf8))
        : CredentialAnswer(status: 200, body: Array(Self.document.utf8))
    }
    let source = InstanceMetadata(environment: { _ in nil }, client: client)
    #expect(
      try await source.credentials()
        == Credentials(
          accessKey: "AK", secretKey: "SK", sessionToken: "TOK", expiration: Self.expiration))
    #expect(client.asked.withLock { $0.last?.url.hasSuffix("/my-role") } == true)
    let disabled = InstanceMetadata(
      environment: environment(["AWS_EC2_METADATA_DISABLED": "true"]), client: client)
    #expect(try await disabled.credentials() == nil)
  }

  @Test func `an agent of containers is asked with its token, and only where that is safe`()
    async throws
  {
    let client = FakeCredentialClient { _ in
      CredentialAnswer(status: 200, body: Array(Self.document.utf8))
    }
    let source = ContainerCredentials(
      environment: environment([
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t",
      ]), client: client)
    #expect(try await source.credentials()?.accessKey == "AK")
    let request = try #require(client.asked.withLock { $0.first })
    #expect(request.url == "http://169.254.170.2/v2/x")
    #expect(request.headers.contains { $0 == ("authorization", "t") })
    #expect(ContainerCredentials.isTrusted("http://127.0.0.1:1338/x"))
    #expect(ContainerCredentials.isTrusted("https://example.org/x"))
    #expect(!ContainerCredentials.isTrusted("http://example.org/x"))
    #expect(!ContainerCredentials.isTrusted("http://127.0.0.1.example.org/x"))
    #expect(!ContainerCredentials.isTrusted("http://localhost@example.org/x"))
  }

  @Test func `answers without credentials are errors`() {
    for body in ["", "{}", "[]", "{\"Code\": \"Failed\"}", "<html>"] {
      #expect(throws: CredentialError.self) {
        try CredentialDocument.parse(Array(body.utf8), from: "x")
      }
    }
    #expect(throws: CredentialError.self) { try WebIdentity.parse(Array("<a/>".utf8)) }
  }
}

/// Gives numbered credentials that last some seconds, or fails.
private final class CountingSource: CredentialSource {
  let count = Locked(0)
  let fails = Locked(false)
  let now: Locked<Int64>

  init(_ now: Locked<Int64>) { self.now = now }

  func credentials() async throws(CredentialError) -> Credentials? {
    let number = count.withLock { count in
      count += 1
      return count
    }
    if fails.withLock({ $0 }) { throw CredentialError("no", isTransient: true) }
    return Credentials(
      accessKey: "\(number)", secretKey: "", expiration: now.withLock { $0 } + 1000)
  }
}

@Suite struct CredentialChainTests {
  @Test func `credentials are kept, renewed before their end, and used while renewing fails`()
    async throws
  {
    let now = Locked<Int64>(1000)
    let source = CountingSource(now)
    let chain = CredentialChain([source], now: { now.withLock { $0 } })
    #expect(try await chain.credentials().accessKey == "1")
    now.withLock { $0 = 1600 }
    #expect(try await chain.credentials().accessKey == "1")
    now.withLock { $0 = 1800 }
    source.fails.withLock { $0 = true }
    #expect(try await chain.credentials().accessKey == "1")
    while source.count.withLock({ $0 }) < 2 { await Task.yield() }
    // A failed renewal is not repeated at once.
    #expect(try await chain.credentials().accessKey == "1")
    #expect(source.count.withLock { $0 } == 2)
    now.withLock { $0 = 1990 }
    await #expect(throws: CredentialError.self) { try await chain.credentials() }
    source.fails.withLock { $0 = false }
    #expect(try await chain.credentials().accessKey == "4")
  }

  @Test func `many requests share one refresh`() async throws {
    let now = Locked<Int64>(0)
    let source = CountingSource(now)
    let chain = CredentialChain([source], now: { now.withLock { $0 } })
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<50 { group.addTask { try await chain.credentials().accessKey } }
      for try await key in group { #expect(key == "1") }
    }
    #expect(source.count.withLock { $0 } == 1)
  }

  @Test func `without any source the error says what to do`() async {
    let chain = CredentialChain([], now: { 0 })
    await #expect(throws: CredentialError.self) { try await chain.credentials() }
  }
}
