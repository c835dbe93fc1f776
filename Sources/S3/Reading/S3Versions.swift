internal import NIOHTTP1
internal import ObjectStore

extension S3Bucket {
  var versions: (any ObjectVersions)? { S3Versions(bucket: self) }
}

/// The versions of the objects of a bucket, where S3 keeps them.
struct S3Versions: ObjectVersions {
  private static let pageByteLimit = 16 << 20
  /// Of a version, which is a meta.json or a mark.
  private static let byteLimit = 64 << 20
  /// Of a look at a version that is not there, or is a marker.
  private static let absent: Set<Int> = [404, 405]

  let bucket: S3Bucket
  /// Versions asked for at once.
  var pageSize = 1000

  private struct Found {
    var version: ObjectVersion
    var isLatest: Bool
    /// The place in the listing.
    var place: Int
  }

  /// Names that are none for us are left out.
  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ObjectVersion] {
    var found: [Found] = []
    var bounds = ListingBounds()
    var next: VersionsAnswer.Place?
    repeat {
      let page = try await page(prefix, recursive: recursive, from: next)
      for entry in page.entries {
        guard let name = try? ObjectName(entry.key), isInside(name, prefix) else { continue }
        let version = ObjectVersion(
          name: name, kind: entry.isMarker ? .marker : .object, version: entry.version,
          size: entry.size, modifiedMilliseconds: entry.modifiedMilliseconds)
        found.append(Found(version: version, isLatest: entry.isLatest, place: found.count))
      }
      for directory in page.prefixes where directory.hasSuffix("/") {
        guard let name = try? ObjectName(String(directory.dropLast())), isInside(name, prefix)
        else { continue }
        let version = ObjectVersion(
          name: name, kind: .directory, version: "", size: 0, modifiedMilliseconds: 0)
        found.append(Found(version: version, isLatest: true, place: found.count))
      }
      try bounds.add(
        page.entries.count + page.prefixes.count, leadsOn: page.next == nil || page.next != next,
        of: prefix)
      next = page.next
    } while next != nil
    return found.sorted(by: isOrdered).map(\.version)
  }

  /// S3 lists the versions of a name newest first; some stores list markers behind objects instead,
  /// and times have a resolution of a second in many.
  private func isOrdered(_ left: Found, _ right: Found) -> Bool {
    if left.version.name != right.version.name { return left.version.name < right.version.name }
    if left.isLatest != right.isLatest { return left.isLatest }
    let (leftTime, rightTime) = (
      left.version.modifiedMilliseconds, right.version.modifiedMilliseconds
    )
    return leftTime == rightTime ? left.place < right.place : leftTime > rightTime
  }

  private func isInside(_ name: ObjectName, _ prefix: ObjectName?) -> Bool {
    prefix.map { name.isInside($0) } ?? true
  }

  private func page(
    _ prefix: ObjectName?, recursive: Bool, from next: VersionsAnswer.Place?
  ) async throws(BucketError) -> VersionsAnswer {
    var query: [(name: String, value: String)] = [
      ("versions", ""), ("prefix", prefix.map { "\($0)/" } ?? ""), ("max-keys", "\(pageSize)"),
      ("encoding-type", "url"),
    ]
    if !recursive { query.append(("delimiter", "/")) }
    if let next {
      query.append(("key-marker", next.key))
      if let version = next.version { query.append(("version-id-marker", version)) }
    }
    let request = S3Request(method: .GET, query: query, operation: .iter)
    let answer = try await bucket.client.answer(to: request, limit: Self.pageByteLimit)
    do {
      return try VersionsAnswer(answer.body)
    } catch {
      throw request.error(.transient, "the store's answer is no listing of versions: \(error)")
    }
  }

  func read(_ name: ObjectName, version: String) async throws(BucketError) -> [UInt8] {
    let answer = try await bucket.client.answer(
      to: request(.GET, name, version, .get), limit: Self.byteLimit)
    return answer.body
  }

  /// S3 deletes whatever version it is told, for ever, so it is asked before what this one is.
  func removeMarker(of name: ObjectName, version: String) async throws(BucketError) {
    let look = request(.HEAD, name, version, .delete)
    guard try await bucket.client.answer(to: look).status >= 300 else {
      throw look.error(.permanent, "version \(version.prefix(64)) is no delete marker")
    }
    _ = try await bucket.client.answer(to: request(.DELETE, name, version, .delete))
  }

  private func request(
    _ method: HTTPMethod, _ name: ObjectName, _ version: String, _ operation: BucketOperation
  ) -> S3Request {
    var request = S3Request(
      method: method, key: name.text, query: [("versionId", version)], operation: operation)
    if method == .HEAD { request.accepted = Self.absent }
    if method != .DELETE { request.headers = bucket.encryption.customer }
    return request
  }
}
