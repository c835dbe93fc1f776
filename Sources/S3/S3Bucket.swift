internal import NIOHTTP1
internal import ObjectStore
internal import Telemetry

/// A bucket in a store that speaks S3.
///
/// Whole objects are replaced at once, and seen by all from then on, which S3 and all that speak it
/// promise today. Requests that fail and may work are tried again, so an error is final for now.
struct S3Bucket: Bucket {
  let client: S3Client
  let encryption: Encryption
  /// Of requests that write an object: its metadata.
  let uploadHeaders: [(name: String, value: String)]
  let conditions = Conditions()

  init(
    configuration: S3Configuration,
    environment: @escaping @Sendable (String) -> String? = environmentVariable
  ) throws(BucketError) {
    let endpoint = S3Endpoint(configuration, region: S3Client.region(of: configuration))
    let transport = try HTTPTransport(
      configuration.http, endpoint: endpoint, environment: environment)
    let chain = CredentialChain(
      CredentialSources.make(
        configuration, environment: environment,
        client: HTTPCredentialClient(direct: HTTPTransport.direct(), secure: transport)),
      now: { WallClock.milliseconds() / 1000 })
    try self.init(
      configuration: configuration,
      client: S3Client(
        configuration: configuration, transport: transport, credentials: chain,
        now: WallClock.milliseconds))
  }

  init(configuration: S3Configuration, client: S3Client) throws(BucketError) {
    self.client = client
    encryption = try Encryption(configuration.encryption)
    var headers = configuration.uploadHeaders
    if headers["content-type"] == nil { headers["content-type"] = "application/octet-stream" }
    uploadHeaders = headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  var name: String { client.configuration.bucket }

  func localPath(_ name: ObjectName) -> String? { nil }
}
