/// Counts and times what ``MeteredBucket`` hands on to versions, as operations of the same kind.
struct MeteredVersions: ObjectVersions {
  let versions: any ObjectVersions
  let bucket: MeteredBucket

  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ObjectVersion] {
    try await bucket.measured(.iter) { () throws(BucketError) in
      try await versions.list(prefix, recursive: recursive)
    }
  }

  func read(_ name: ObjectName, version: String) async throws(BucketError) -> [UInt8] {
    try await bucket.reading(.get) { () throws(BucketError) in
      try await versions.read(name, version: version)
    }
  }

  func removeMarker(of name: ObjectName, version: String) async throws(BucketError) {
    try await bucket.measured(.delete) { () throws(BucketError) in
      try await versions.removeMarker(of: name, version: version)
    }
  }
}
