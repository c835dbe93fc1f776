internal import BlockCatalog
internal import ObjectStore

/// Looks at the bucket as often as a run needs it, and tells of it.
struct BucketView: Sendable {
  let fetcher: CatalogFetcher
  /// Told of every look at the bucket.
  let onLook: @Sendable (Result<CatalogSnapshot, BucketError>) -> Void

  /// - Throws: ``BucketError`` when the bucket cannot be seen as a whole.
  func fetch() async throws(BucketError) -> CatalogSnapshot {
    do {
      let snapshot = try await fetcher.fetch()
      onLook(.success(snapshot))
      return snapshot
    } catch {
      onLook(.failure(error))
      throw error
    }
  }
}
