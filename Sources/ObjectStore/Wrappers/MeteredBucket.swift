public import Telemetry

/// Counts and times the operations of a bucket under the names Thanos uses.
///
/// A missing object and a refused `create` are answers, not failures.
public struct MeteredBucket: Bucket {
  private let bucket: any Bucket
  private let metrics: BucketMetrics

  public init(_ bucket: any Bucket, registry: MetricRegistry) {
    self.bucket = bucket
    metrics = BucketMetrics(bucket: bucket.name, registry: registry)
  }

  public var name: String { bucket.name }

  public func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    try await measured(.iter) { () throws(BucketError) in
      try await bucket.list(prefix, recursive: recursive)
    }
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await measured(.attributes) { () throws(BucketError) in
      try await bucket.attributes(name)
    }
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await measured(.exists) { () throws(BucketError) in try await bucket.exists(name) }
  }

  public func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    let operation: BucketOperation = range == nil ? .get : .getRange
    return try await reading(operation) { () throws(BucketError) in
      try await bucket.read(name, range: range)
    }
  }

  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await uploading(byteCount: bytes.count) { () throws(BucketError) in
      try await bucket.write(bytes, to: name)
    }
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await uploading(byteCount: bytes.count) { () throws(BucketError) in
      try await bucket.create(bytes, at: name)
    }
  }

  public func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    // Before the upload: the file may become the object.
    let byteCount = await onBlockingThread { try? SystemCalls.status(path).size }
    try await uploading(byteCount: byteCount) { () throws(BucketError) in
      try await bucket.upload(file: path, to: name)
    }
  }

  public func download(_ name: ObjectName, to path: String) async throws(BucketError) -> Int {
    let byteCount = try await measured(.get) { () throws(BucketError) in
      try await bucket.download(name, to: path)
    }
    metrics[.get].fetched.increment(by: byteCount)
    metrics[.get].transferred.observe(Double(byteCount))
    return byteCount
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    try await measured(.delete) { () throws(BucketError) in try await bucket.delete(name) }
  }

  public func localPath(_ name: ObjectName) -> String? { bucket.localPath(name) }

  public var versions: (any ObjectVersions)? {
    bucket.versions.map { MeteredVersions(versions: $0, bucket: self) }
  }

  func reading(
    _ operation: BucketOperation, _ work: () async throws(BucketError) -> [UInt8]
  ) async throws(BucketError) -> [UInt8] {
    let bytes = try await measured(operation, work)
    metrics[operation].fetched.increment(by: bytes.count)
    metrics[operation].transferred.observe(Double(bytes.count))
    return bytes
  }

  private func uploading(
    byteCount: Int?, _ work: () async throws(BucketError) -> Void
  ) async throws(BucketError) {
    try await measured(.upload, work)
    metrics.lastUpload.set(Double(WallClock.milliseconds()) / 1000)
    if let byteCount { metrics[.upload].transferred.observe(Double(byteCount)) }
  }

  func measured<Value>(
    _ operation: BucketOperation, _ work: () async throws(BucketError) -> Value
  ) async throws(BucketError) -> Value {
    let handles = metrics[operation]
    handles.operations.increment()
    let start = ContinuousClock.now
    do {
      let value = try await work()
      handles.duration.observe(start.duration(to: .now))
      return value
    } catch {
      if error.code != .notFound, error.code != .preconditionFailed {
        handles.failures.increment()
      }
      throw error
    }
  }
}
