import IndexCache
import Testing

@Test("items of different kinds with the same text are different")
func itemsDiffer() {
  let items: Set<IndexCacheItem> = [
    .postings(name: Array("a".utf8), value: []), .expandedPostings(matchers: "a"),
    .series(offset: 97),
  ]
  #expect(items.count == 3)
}
