internal import ObjectStore

/// What one listing may have: more than any bucket of blocks, and still bounded memory and time,
/// whatever a store answers.
struct ListingBounds {
  private static let entryLimit = 20_000_000
  private static let pageLimit = 200_000

  private var entries = 0
  private var pages = 0

  /// Counts a page.
  ///
  /// - Parameter leadsOn: whether the page names another place than its own as the next one.
  mutating func add(
    _ count: Int, leadsOn: Bool, of prefix: ObjectName?
  ) throws(BucketError) {
    entries += count
    pages += 1
    guard leadsOn, entries <= Self.entryLimit, pages <= Self.pageLimit else {
      throw BucketError(
        .permanent, .iter, object: prefix?.text ?? "the bucket",
        detail: "the store's pages do not end")
    }
  }
}
