internal import Foundation

/// A real server that speaks S3, on loopback, until the tests end.
///
/// SeaweedFS checks signatures and keeps what it gets on disk; moto knows more of the protocol.
public final class S3Server: Sendable {
  public enum Kind: String, Sendable { case seaweedfs, moto }

  public static let accessKey = "AKTESTACCESS"
  public static let secretKey = "SKTESTSECRET"

  public let kind: Kind
  public let port: Int
  /// For TLS, where clients must have a certificate; only SeaweedFS.
  public let securePort: Int
  /// `ca.pem`, `client.pem`, `client-key.pem`; the server's certificate is for store.example.
  public let certificates: String
  private let program: RunningProgram

  /// The only one of its kind in this process.
  public static func shared(_ kind: Kind) async throws -> S3Server {
    try await servers.server(kind)
  }

  /// A configuration of a new, empty bucket.
  ///
  /// - Parameters:
  ///   - port: of something between us and the server; the server's own if not given.
  ///   - more: further lines below `config`, each with two spaces before it.
  public func configuration(
    bucket: String? = nil, port: Int? = nil, secretKey: String = S3Server.secretKey,
    more: [String] = []
  ) async throws -> String {
    let name: String
    if let bucket { name = bucket } else { name = try await newBucket() }
    let lines = [
      "type: S3", "config:", "  bucket: \(name)", "  endpoint: 127.0.0.1:\(port ?? self.port)",
      "  access_key: \(Self.accessKey)", "  secret_key: \(secretKey)", "  insecure: true",
    ]
    return (lines + more).joined(separator: "\n") + "\n"
  }

  /// The name of a new, empty bucket, made by another client than ours.
  public func newBucket() async throws -> String {
    let name = "test-\(UUID().uuidString.prefix(13).lowercased())"
    guard try await Self.makeBucket(name, port: port) == "200" else {
      throw ProcessError(status: -1, message: "cannot make bucket \(name): \(program.errors)")
    }
    return name
  }

  /// Lets a bucket keep versions from now on, or no new ones.
  public func setVersioning(of bucket: String, isOn: Bool = true) async throws {
    let document =
      "<VersioningConfiguration><Status>\(isOn ? "Enabled" : "Suspended")</Status>"
      + "</VersioningConfiguration>"
    // One knows only the word, of the other curl signs only the word with a sign behind it.
    let query = kind == .moto ? "versioning" : "versioning="
    let status = try await Self.put(
      "\(bucket)?\(query)", port: port,
      more: [
        "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--header",
        "content-type: application/xml", "--data", document,
      ])
    guard status == "200" else {
      throw ProcessError(status: -1, message: "cannot set versioning of \(bucket): \(status)")
    }
  }

  // MARK: Starting

  private static let servers = Servers()

  private actor Servers {
    private var running: [Kind: Task<S3Server, any Error>] = [:]

    func server(_ kind: Kind) async throws -> S3Server {
      let task = running[kind] ?? Task { try await S3Server(kind) }
      running[kind] = task
      return try await task.value
    }
  }

  private init(_ kind: Kind) async throws {
    self.kind = kind
    let directory = try makeTemporaryDirectory()
    removeAtExit(directory)
    port = try freePort()
    securePort = try freePort()
    certificates = directory
    try Self.makeCertificates(directory)
    let python = packageRoot + "/.cache/python"
    let arguments: [String]
    switch kind {
    case .moto:
      arguments = ["/usr/bin/python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", "\(port)"]
    case .seaweedfs:
      arguments =
        [python + "/bin/weed"] + (try Self.seaweedArguments(directory: directory, port: port)) + [
          "-s3.port.https=\(securePort)", "-s3.cert.file=\(directory)/server.pem",
          "-s3.key.file=\(directory)/server-key.pem", "-s3.cacert.file=\(directory)/ca.pem",
          "-s3.tlsVerifyClientCert",
        ]
    }
    // The shell ends the server when the tests end, however they do.
    let script = """
      "$@" & server=$!
      trap 'kill $server; exit 0' TERM
      while kill -0 \(ProcessInfo.processInfo.processIdentifier) 2> /dev/null \
        && kill -0 $server 2> /dev/null; do sleep 0.5; done
      kill -9 $server
      """
    let program = try RunningProgram(
      path: "/bin/sh", ["-c", script, "server"] + arguments,
      environment: [
        "PYTHONPATH": python, "HOME": directory, "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1",
      ])
    self.program = program
    let port = port
    try await program.wait {
      (try? await Self.makeBucket("ready-\(port)", port: port)) == "200"
    }
  }

  private static func seaweedArguments(directory: String, port: Int) throws -> [String] {
    let identities = """
      {"identities": [{"name": "test", "credentials": [{"accessKey": "\(accessKey)", \
      "secretKey": "\(secretKey)"}], "actions": ["Admin", "Read", "Write", "List"]}]}
      """
    try Data(identities.utf8).write(to: URL(fileURLWithPath: directory + "/s3.json"))
    var arguments = [
      "server", "-dir=\(directory)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
      "-s3.config=\(directory)/s3.json", "-s3.port=\(port)", "-s3.port.iceberg=0",
      "-s3.port.lance=0", "-master.telemetry=false", "-master.volumeSizeLimitMB=64",
      // Every bucket takes some of them.
      "-volume.max=5000",
    ]
    for name in [
      "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc",
      "filer.port", "filer.port.grpc",
    ] {
      arguments.append("-\(name)=\(try freePort())")
    }
    return arguments
  }

  private static func makeCertificates(_ directory: String) throws {
    let script = """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -keyout ca-key.pem -out ca.pem -subj /CN=test-ca
      for name in server client; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
          -keyout $name-key.pem -out $name.csr -subj /CN=$name
        printf 'subjectAltName=DNS:store.example\n' > $name.ext
        openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 \
          -extfile $name.ext -out $name.pem
      done
      """
    _ = try runProcess("sh", ["-ec", script], in: directory).requireSuccess()
  }

  private static func makeBucket(_ name: String, port: Int) async throws -> String {
    try await put(name, port: port)
  }

  /// - Returns: the status of the answer.
  private static func put(
    _ path: String, port: Int, more: [String] = []
  ) async throws -> String {
    let arguments = [
      "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--aws-sigv4",
      "aws:amz:us-east-1:s3", "--user", "\(accessKey):\(secretKey)", "--request", "PUT",
      "http://127.0.0.1:\(port)/\(path)",
    ]
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try runProcess("curl", arguments + more).outputText })
      }
    }
  }
}
