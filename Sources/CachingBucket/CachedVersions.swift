public import ObjectStore
internal import RemoteCache

extension CachingBucket {
  /// Versions go past the cache, which forgets what it knew of an object that comes back.
  public var versions: (any ObjectVersions)? {
    bucket.versions.map { CachedVersions(versions: $0, bucket: self) }
  }

  fileprivate func forget(_ name: ObjectName) {
    guard rules.keepsContent(of: name) else { return }
    // What is not in form is a miss.
    cache.store(
      [(BucketCacheKey.exists(name), []), (BucketCacheKey.content(name), [])],
      lifetime: max(rules.contentLifetime, rules.doesNotExistLifetime, rules.existsLifetime))
  }
}

private struct CachedVersions: ObjectVersions {
  let versions: any ObjectVersions
  let bucket: CachingBucket

  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ObjectVersion] {
    try await versions.list(prefix, recursive: recursive)
  }

  func read(_ name: ObjectName, version: String) async throws(BucketError) -> [UInt8] {
    try await versions.read(name, version: version)
  }

  func removeMarker(of name: ObjectName, version: String) async throws(BucketError) {
    try await versions.removeMarker(of: name, version: version)
    bucket.forget(name)
  }
}
