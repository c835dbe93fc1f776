public import ObjectStore
internal import RemoteCache
internal import Telemetry

/// A bucket that keeps what was read of another: pieces of chunk files, metas and marks, the listing
/// of the root.
///
///     read ─► cache ──hit──► answer
///               └──miss─► one request, however many ask ─► bucket ─► cache
///
/// What the cache gives is looked at before it is believed. Whoever finds later that it was wrong
/// reads with `FreshReads`, and so puts it right.
public final class CachingBucket: Bucket {
  let bucket: any Bucket
  let cache: any SharedCache
  let rules: CachingRules
  let metrics: CachingBucketMetrics
  private let listingKey: String

  /// A request to the bucket under way.
  enum Request: Hashable, Sendable {
    case listing
    case exists(ObjectName)
    case content(ObjectName)
    case attributes(ObjectName)
  }

  private let listings = Flights<Request, Result<[ListedObject], BucketError>>()
  private let existences = Flights<Request, Result<Bool, BucketError>>()
  private let contents = Flights<Request, Result<[UInt8], BucketError>>()
  private let attributes = Flights<Request, Result<ObjectAttributes, BucketError>>()
  let ranges = Flights<ObjectRange, Result<[UInt8], BucketError>>()

  /// - Parameter hash: of the configuration, see ``BucketCacheKey``.
  init(
    _ bucket: any Bucket, cache: any SharedCache, rules: CachingRules, hash: String,
    registry: MetricRegistry
  ) {
    self.bucket = bucket
    self.cache = cache
    self.rules = rules
    listingKey = BucketCacheKey.listing(hash: hash)
    metrics = CachingBucketMetrics(rules, registry: registry)
  }

  public var name: String { bucket.name }

  public func localPath(_ name: ObjectName) -> String? { bucket.localPath(name) }

  // MARK: Reading

  public func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    guard prefix == nil, !recursive, rules.listingLifetime > .zero else {
      return try await bucket.list(prefix, recursive: recursive)
    }
    metrics.listings.requests.increment()
    if let value = await cached(listingKey), let objects = CachedForm.listing(value) {
      metrics.listings.hits.increment()
      return objects
    }
    return try await listings.once(.listing, .iter, "the bucket") {
      [bucket, cache, rules, listingKey] () throws(BucketError) in
      let start = ContinuousClock.now
      let objects = try await bucket.list(nil, recursive: false)
      let rest = rules.listingLifetime - (ContinuousClock.now - start)
      if rest > .zero {
        cache.store([(listingKey, CachedForm.bytes(ofListing: objects))], lifetime: rest)
      }
      return objects
    }
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    guard rules.keepsContent(of: name) else { return try await bucket.exists(name) }
    metrics.exists.requests.increment()
    if let value = await cached(BucketCacheKey.exists(name)),
      let exists = CachedForm.existence(value)
    {
      metrics.exists.hits.increment()
      return exists
    }
    return try await existences.once(.exists(name), .exists, name.text) {
      [self] () throws(BucketError) in
      let exists = try await bucket.exists(name)
      store(exists: exists, name)
      return exists
    }
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    guard let word = rules.ranges(of: name) else { return try await bucket.attributes(name) }
    return try await attributes(name, metrics.ranges(word))
  }

  public func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    if let range {
      guard let word = rules.ranges(of: name) else {
        return try await bucket.read(name, range: range)
      }
      return try await read(name, range, metrics.ranges(word))
    }
    guard rules.keepsContent(of: name) else { return try await bucket.read(name, range: nil) }
    return try await content(name)
  }

  func attributes(
    _ name: ObjectName, _ metrics: CachingBucketMetrics.Ranges
  ) async throws(BucketError) -> ObjectAttributes {
    metrics.attributes.requests.increment()
    let key = BucketCacheKey.attributes(name)
    if let value = await cached(key), let attributes = CachedForm.attributes(value) {
      metrics.attributes.hits.increment()
      return attributes
    }
    return try await attributes.once(.attributes(name), .attributes, name.text) {
      [bucket, cache, rules] () throws(BucketError) in
      let attributes = try await bucket.attributes(name)
      cache.store(
        [(key, CachedForm.bytes(of: attributes))], lifetime: rules.attributesLifetime)
      return attributes
    }
  }

  private func content(_ name: ObjectName) async throws(BucketError) -> [UInt8] {
    metrics.contents.requests.increment()
    if !FreshReads.isOn {
      let found = await cache.fetch([BucketCacheKey.content(name), BucketCacheKey.exists(name)])
      if let content = found.first ?? nil, CachedForm.isContent(content, of: name) {
        metrics.contents.hits.increment()
        return content
      }
      if found.count > 1, let value = found[1], CachedForm.existence(value) == false {
        metrics.contents.hits.increment()
        throw BucketError(.notFound, .get, object: name.text, detail: "no such object")
      }
    }
    return try await contents.once(.content(name), .get, name.text) {
      [self] () throws(BucketError) in
      let content: [UInt8]
      do throws(BucketError) {
        content = try await bucket.read(name, range: nil)
      } catch {
        if error.code == .notFound { store(exists: false, name) }
        throw error
      }
      store(content: content, name)
      return content
    }
  }

  /// The value of a key, unless a cache's word does not count.
  private func cached(_ key: String) async -> [UInt8]? {
    FreshReads.isOn ? nil : await cache.fetch([key]).first ?? nil
  }

  // MARK: Writing

  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await bucket.write(bytes, to: name)
    noteWritten(bytes, name)
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await bucket.create(bytes, at: name)
    noteWritten(bytes, name)
  }

  public func upload(file path: String, to name: ObjectName) async throws(BucketError) {
    try await bucket.upload(file: path, to: name)
    noteWritten(nil, name)
  }

  /// Whole objects go past the cache: who copies a block wants none of it in memory.
  public func download(_ name: ObjectName, to path: String) async throws(BucketError) -> Int {
    try await bucket.download(name, to: path)
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    try await bucket.delete(name)
    guard rules.keepsContent(of: name) else { return }
    store(exists: false, name)
    // A cache forgets when it likes; what is not in form is a miss.
    cache.store([(BucketCacheKey.content(name), [])], lifetime: rules.contentLifetime)
  }

  private func noteWritten(_ bytes: [UInt8]?, _ name: ObjectName) {
    guard rules.keepsContent(of: name) else { return }
    if let bytes {
      store(content: bytes, name)
    } else {
      store(exists: true, name)
      cache.store([(BucketCacheKey.content(name), [])], lifetime: rules.contentLifetime)
    }
  }

  private func store(exists: Bool, _ name: ObjectName) {
    let lifetime = exists ? rules.existsLifetime : rules.doesNotExistLifetime
    guard lifetime > .zero else { return }
    cache.store(
      [(BucketCacheKey.exists(name), CachedForm.bytes(ofExistence: exists))], lifetime: lifetime)
  }

  private func store(content: [UInt8], _ name: ObjectName) {
    store(exists: true, name)
    guard content.count <= rules.maximumFileSize, rules.contentLifetime > .zero else { return }
    cache.store([(BucketCacheKey.content(name), content)], lifetime: rules.contentLifetime)
  }
}
