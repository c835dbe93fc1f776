public import ObjectStore
public import TSDBBlock

/// Brings back a block that was deleted from a store that keeps versions, so that no reader ever sees
/// half of one.
///
///     chunks, index and the rest ─► sizes confirmed ─► deletion-mark.json goes ─► meta.json
///
/// Objects come back by the removal of the markers that hide them, so nothing is copied. An
/// interrupted restoration is finished by another one.
public struct BlockRestoration: Sendable {
  /// What would come back.
  public struct Plan: Sendable {
    /// The hidden objects, meta.json last; empty when the block is whole.
    public var objects: [ObjectName]
    public var byteCount: Int
    /// What all files of the block must be in the end.
    var sizes: [ObjectName: Int]
    /// Whether a mark for deletion is in the bucket.
    var isMarked: Bool
  }

  /// Rounds of removing markers, when the store's order of versions does not show all at once, or
  /// somebody makes new ones.
  private static let roundLimit = 8
  private static let markersAtOnce = 8

  private let id: BlockID
  private let bucket: any Bucket
  private let versions: any ObjectVersions

  /// - Parameter versions: of the same bucket.
  public init(_ id: BlockID, in bucket: any Bucket, _ versions: any ObjectVersions) {
    self.id = id
    self.bucket = bucket
    self.versions = versions
  }

  /// Blocks that exist or did once, of which the store knows any version.
  public static func candidates(
    in versions: any ObjectVersions
  ) async throws(BucketError) -> [BlockID] {
    try await versions.list(nil, recursive: false)
      .filter { $0.kind == .directory }
      .compactMap { BlockID($0.name.lastComponent) }
  }

  /// Whether the bucket has the block's meta.json and all files that it lists. One that cannot be
  /// read lists none.
  public static func isWhole(
    _ id: BlockID, in bucket: any Bucket
  ) async throws(BucketError) -> Bool {
    let bytes: [UInt8]
    do {
      bytes = try await bucket.read(id.object(BlockMeta.fileName))
    } catch  where error.code == .notFound {
      return false
    }
    guard let thanos = (try? BlockMeta(json: bytes))?.thanos else { return true }
    let present = try await bucket.list(id.directory(), recursive: true).map(\.name.text)
    return Set(thanos.files.map { "\(id)/\($0.path)" }).isSubset(of: present)
  }

  /// Looks at what is to be done; changes nothing.
  ///
  /// - Throws: ``BlockRestorationError`` when the block would not be whole afterwards.
  public func plan() async throws(BlockRestorationError) -> Plan {
    do {
      let history = try await BlockHistory(of: id, in: versions)
      let name = try id.object(BlockMeta.fileName)
      guard let version = history.newest(name) else { throw BlockRestorationError.noMeta(id) }
      let bytes = try await versions.read(name, version: version.version)
      var files = try RestoredFiles(id, metaBytes: bytes, history)
      try files.check(history)
      if !history.isThere(name) { files.addMarks(deletedWith: name, history) }
      let hidden = files.names.filter { !history.isThere($0) }
      return Plan(
        objects: hidden + (history.isThere(name) ? [] : [name]),
        byteCount: hidden.reduce(bytes.count) { $0 + (history.newest($1)?.size ?? 0) },
        sizes: files.sizes, isMarked: history.isThere(try id.object(DeletionMark.fileName)))
    } catch {
      throw Self.typed(error)
    }
  }

  /// Carries out what was planned.
  public func run(_ plan: Plan) async throws(BlockRestorationError) {
    do {
      let meta = try id.object(BlockMeta.fileName)
      try await uncover(plan.objects.filter { $0 != meta })
      try await confirm(plan.sizes)
      if plan.isMarked { try await removeMark() }
      guard plan.objects.contains(meta) else { return }
      try await uncover([meta])
      // A compactor may have taken the files for an upload that was given up.
      try await confirm(plan.sizes)
    } catch {
      throw Self.typed(error)
    }
  }

  private func uncover(_ names: [ObjectName]) async throws {
    guard !names.isEmpty else { return }
    for _ in 0..<Self.roundLimit {
      let history = try await BlockHistory(of: id, in: versions)
      let markers = names.flatMap { history.markers(of: $0) }
      if markers.isEmpty { return }
      let versions = versions
      _ = try await inParallel(markers, limit: Self.markersAtOnce) {
        (marker) throws(BucketError) in
        try await versions.removeMarker(of: marker.name, version: marker.version)
      }
    }
    throw BlockRestorationError.changing(id)
  }

  private func confirm(_ sizes: [ObjectName: Int]) async throws {
    var present: [ObjectName: Int] = [:]
    for object in try await bucket.list(id.directory(), recursive: true) {
      present[object.name] = object.size
    }
    guard sizes.allSatisfy({ present[$0.key] == $0.value }) else {
      throw BlockRestorationError.changing(id)
    }
  }

  private func removeMark() async throws(BucketError) {
    do {
      try await bucket.delete(id.object(DeletionMark.fileName))
    } catch  where error.code == .notFound {
      return
    }
  }

  private static func typed(_ error: any Error) -> BlockRestorationError {
    switch error {
    case let error as BlockRestorationError: error
    case let error as BucketError: .bucket(error)
    default:
      .bucket(BucketError(.permanent, .attributes, object: "the bucket", detail: "\(error)"))
    }
  }
}

public enum BlockRestorationError: Error, Equatable, Sendable, CustomStringConvertible {
  case bucket(BucketError)
  /// The store has no version of meta.json, so nobody knows what the block was.
  case noMeta(BlockID)
  case unreadableMeta(BlockID, String)
  /// The store has no version of a file that meta.json lists.
  case noVersion(BlockID, file: String)
  case sizeDiffers(BlockID, file: String, expected: Int64, actual: Int)
  /// Objects disappear again while they are brought back.
  case changing(BlockID)

  public var description: String {
    switch self {
    case .bucket(let error): "\(error)"
    case .noMeta(let id):
      "block \(id) has no meta.json, and the store keeps no older version of it"
    case .unreadableMeta(let id, let reason):
      "the newest version of meta.json of block \(id) cannot be used: \(reason)"
    case .noVersion(let id, let file):
      "the store keeps no version of \(id)/\(file), which meta.json lists"
    case .sizeDiffers(let id, let file, let expected, let actual):
      "the newest version of \(id)/\(file) has \(actual) bytes, meta.json says \(expected)"
    case .changing(let id):
      "somebody deletes or replaces objects of block \(id) at the same time; try again"
    }
  }
}
