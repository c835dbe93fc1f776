/// The versions below one directory, as ``PrefixedBucket`` shows the objects.
struct PrefixedVersions: ObjectVersions {
  let versions: any ObjectVersions
  let prefix: ObjectName

  func list(
    _ directory: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ObjectVersion] {
    let full =
      try directory.map { name throws(BucketError) in try prefix.inside(name, .iter) } ?? prefix
    return try await versions.list(full, recursive: recursive).compactMap { item in
      guard item.name.isInside(prefix),
        let name = try? ObjectName(String(item.name.text.dropFirst(prefix.text.count + 1)))
      else { return nil }
      return ObjectVersion(
        name: name, kind: item.kind, version: item.version, size: item.size,
        modifiedMilliseconds: item.modifiedMilliseconds)
    }
  }

  func read(_ name: ObjectName, version: String) async throws(BucketError) -> [UInt8] {
    try await versions.read(prefix.inside(name, .get), version: version)
  }

  func removeMarker(of name: ObjectName, version: String) async throws(BucketError) {
    try await versions.removeMarker(of: prefix.inside(name, .delete), version: version)
  }
}

extension ObjectName {
  /// The name below this directory.
  func inside(
    _ name: ObjectName, _ operation: BucketOperation
  ) throws(BucketError) -> ObjectName {
    do {
      return try appending(name.text)
    } catch {
      throw BucketError(.permanent, operation, object: name.text, detail: error.reason)
    }
  }
}
