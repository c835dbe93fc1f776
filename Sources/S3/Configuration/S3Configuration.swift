public import ObjectStore
public import TransportSecurity

/// A bucket in a store that speaks S3, and how to reach it: what stands below `config:` with
/// `type: S3`.
///
/// Holds secrets. Its text does not show them.
public struct S3Configuration: Equatable, Sendable, CustomStringConvertible {
  public enum Lookup: String, Sendable, CaseIterable {
    case auto
    case virtualHosted = "virtual-hosted"
    case path
  }

  public var bucket: String
  /// Host and, when it is not that of the scheme, port.
  public var endpoint: String
  /// Empty when it is to be found out.
  public var region = ""
  public var usesDualStack = true
  public var usesSDKOrder = false
  public var accessKey = ""
  public var secretKey = ""
  public var sessionToken = ""
  /// Plain HTTP.
  public var isInsecure = false
  /// Headers of uploads: metadata, and the storage class.
  public var uploadHeaders: [String: String] = [:]
  public var http = S3HTTPOptions()
  public var isTraced = false
  public var listsVersion1 = false
  public var lookup = Lookup.auto
  public var sendsContentMD5 = true
  public var usesParts = true
  /// Bytes of a part of an upload; longer files are uploaded in parts.
  public var partSize = 64 << 20
  public var encryption = S3Encryption.none
  public var stsEndpoint = ""
  /// Tries of a request.
  public var attempts = 10
  public var hedging = S3Hedging()

  public init(bucket: String, endpoint: String) {
    self.bucket = bucket
    self.endpoint = endpoint
  }

  /// Whether bucket and endpoint can be parts of a URL, and nothing else of it.
  package var isValid: Bool {
    Self.isBucketName(bucket) && S3Endpoint.isAuthority(endpoint)
  }

  public var description: String { "s3://\(bucket) at \(endpoint)" }

  /// Whether both name the same objects, although perhaps by other ways to reach them.
  public func isSameBucket(as other: S3Configuration) -> Bool {
    bucket == other.bucket && endpoint == other.endpoint
  }

  /// The bucket itself. Nothing is sent yet, but files with keys and certificates are read.
  ///
  /// - Throws: `permanent`, when such a file cannot be used.
  public func makeBucket() throws(BucketError) -> any Bucket {
    try S3Bucket(configuration: self)
  }
}

/// How the store encrypts what it keeps.
public enum S3Encryption: Equatable, Sendable {
  case none
  /// With keys of the store.
  case managed
  /// With a key of a key service.
  case keyService(id: String, context: [String: String])
  /// With the 32 bytes in a file, which the store does not keep.
  case customerKey(path: String)
}

/// When a read is asked for a second time, because the first one takes longer than most did.
public struct S3Hedging: Equatable, Sendable {
  public var isEnabled = false
  /// Requests for the same bytes at once, at most.
  public var upTo = 3
  /// Of recent times until an answer began: beyond it one more request is sent.
  public var quantile = 0.9

  public init() {}
}

/// Connections.
public struct S3HTTPOptions: Equatable, Sendable {
  public var idleTimeout = Duration.seconds(90)
  /// Until an answer begins, and between two pieces of it.
  public var answerTimeout = Duration.seconds(120)
  /// Connections kept open without work; what may be open at all when no maximum is given.
  public var maxIdleConnections = 100
  /// 0 for the number above.
  public var maxConnections = 0
  /// For endpoints that are spoken to with TLS.
  public var tls = ClientTLS()

  public init() {}
}
