internal import ObjectStore
internal import TSDBBlock

/// What a store keeps of the objects of one block: of each the newest first.
struct BlockHistory {
  private var versions: [ObjectName: [ObjectVersion]] = [:]

  init(of id: BlockID, in store: any ObjectVersions) async throws(BucketError) {
    for version in try await store.list(id.directory(), recursive: true)
    where version.kind != .directory {
      versions[version.name, default: []].append(version)
    }
  }

  var names: [ObjectName] { versions.keys.sorted() }

  /// What the object is, or was before it was deleted.
  func newest(_ name: ObjectName) -> ObjectVersion? {
    versions[name]?.first { $0.kind == .object }
  }

  func isThere(_ name: ObjectName) -> Bool { versions[name]?.first?.kind == .object }

  /// The markers that hide an object; none when there is nothing behind them.
  func markers(of name: ObjectName) -> ArraySlice<ObjectVersion> {
    guard newest(name) != nil else { return [] }
    return versions[name]?.prefix { $0.kind == .marker } ?? []
  }
}
