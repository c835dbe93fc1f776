internal import NIOHTTP1
internal import ObjectStore

extension S3Bucket {
  private static let pageByteLimit = 16 << 20

  /// Names that are none for us, such as those of folders that consoles make, are left out.
  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    var listed: [ListedObject] = []
    var bounds = ListingBounds()
    var next: String?
    repeat {
      let page = try await page(prefix, recursive: recursive, from: next)
      for object in page.objects {
        guard let name = try? ObjectName(object.key) else { continue }
        listed.append(
          ListedObject(
            name: name, isDirectory: false, size: object.size,
            modifiedMilliseconds: object.modifiedMilliseconds))
      }
      for directory in page.prefixes where directory.hasSuffix("/") {
        guard let name = try? ObjectName(String(directory.dropLast())) else { continue }
        listed.append(
          ListedObject(name: name, isDirectory: true, size: 0, modifiedMilliseconds: 0))
      }
      try bounds.add(
        page.objects.count + page.prefixes.count, leadsOn: page.next == nil || page.next != next,
        of: prefix)
      next = page.next
    } while next != nil
    return listed.sorted { $0.name < $1.name }
  }

  private func page(
    _ prefix: ObjectName?, recursive: Bool, from next: String?
  ) async throws(BucketError) -> ListAnswer {
    var query: [(name: String, value: String)] = [
      ("prefix", prefix.map { "\($0)/" } ?? ""), ("max-keys", "1000"), ("encoding-type", "url"),
    ]
    if !recursive { query.append(("delimiter", "/")) }
    if client.configuration.listsVersion1 {
      if let next { query.append(("marker", next)) }
    } else {
      query.append(("list-type", "2"))
      if let next { query.append(("continuation-token", next)) }
    }
    let request = S3Request(method: .GET, query: query, operation: .iter)
    let answer = try await client.answer(to: request, limit: Self.pageByteLimit)
    do {
      return try ListAnswer(answer.body)
    } catch {
      throw request.error(.transient, "the store's answer is no listing: \(error)")
    }
  }
}
