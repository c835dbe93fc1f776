import TestSupport
import Testing

@testable import TSDBBlock

@Suite struct PostingsAlgebraTests {
  /// A big-endian list at the start of a buffer, as in an index.
  private func list(_ ids: [UInt32]) -> ([UInt8], PostingsList) {
    var bytes: [UInt8] = []
    for id in ids { bytes.append(bigEndian: id) }
    return (bytes, PostingsList(start: 0, count: ids.count))
  }

  private func randomIDs(_ random: inout SeededRandom) -> [UInt32] {
    let count = [0, 1, 3, 40, 400, 3000, 6000].randomElement(using: &random) ?? 0
    let range: UInt32 = [50, 1000, 40_000, 5_000_000, .max].randomElement(using: &random) ?? 50
    return Set((0..<count).map { _ in UInt32.random(in: 0...range, using: &random) }).sorted()
  }

  @Test(arguments: 0..<200)
  func `intersection and subtraction equal those of sets`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let left = randomIDs(&random)
    let right = randomIDs(&random)
    let (bytes, words) = list(right)
    let common = Set(left).intersection(right).sorted()
    let rest = Set(left).subtracting(right).sorted()

    var ids = left
    PostingsAlgebra.intersect(&ids, with: words, in: bytes.rawSpan)
    #expect(ids == common)
    ids = left
    PostingsAlgebra.intersect(&ids, with: right)
    #expect(ids == common)
    ids = left
    PostingsAlgebra.subtract(words, from: &ids, in: bytes.rawSpan)
    #expect(ids == rest)
    ids = left
    PostingsAlgebra.subtract(right, from: &ids)
    #expect(ids == rest)
  }

  @Test(arguments: 0..<100)
  func `a union of many lists equals that of sets`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var bytes: [UInt8] = []
    var lists: [PostingsList] = []
    var union = Set<UInt32>()
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let ids = randomIDs(&random)
      lists.append(PostingsList(start: bytes.count, count: ids.count))
      for id in ids { bytes.append(bigEndian: id) }
      union.formUnion(ids)
    }
    let result = PostingsAlgebra.union(lists, in: bytes.rawSpan)
    #expect(result == union.sorted())
  }

  @Test(arguments: 0..<100)
  func `lists that were fetched give what sets give`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var sets: [[UInt32]] = []
    for _ in 0..<Int.random(in: 1...12, using: &random) { sets.append(randomIDs(&random)) }
    let lists = try sets.map(fetched)
    let union = sets.reduce(into: Set<UInt32>()) { $0.formUnion($1) }
    #expect(PostingsAlgebra.union(lists) == union.sorted())
    var ids = sets[0]
    PostingsAlgebra.intersect(&ids, with: lists[lists.count - 1])
    #expect(ids == Set(sets[0]).intersection(sets[sets.count - 1]).sorted())
    ids = sets[0]
    PostingsAlgebra.subtract(lists[lists.count - 1], from: &ids)
    #expect(ids == Set(sets[0]).subtracting(sets[sets.count - 1]).sorted())
    let other = sets[sets.count - 1]
    let (bytes, words) = list(other)
    let meets = PostingsAlgebra.meets(sets[0], words, in: bytes.rawSpan)
    #expect(meets == !Set(sets[0]).isDisjoint(with: other))
  }

  private func fetched(_ ids: [UInt32]) throws -> FetchedPostings {
    var bytes: [UInt8] = []
    for word in [UInt32(ids.count)] + ids { bytes.append(bigEndian: word) }
    return try FetchedPostings(ByteSlice(ByteStorage(bytes)), hasChecksum: false, fileOffset: 0)
  }

  @Test(arguments: 0..<100)
  func `lists without order give some answer and no trap`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    func ids() -> [UInt32] {
      let range: UInt32 = [50, 40_000, .max].randomElement(using: &random) ?? 50
      let count = [1, 30, 600, 2000].randomElement(using: &random) ?? 1
      return (0..<count).map { _ in UInt32.random(in: 0...range, using: &random) }
    }
    let (left, right) = (ids(), ids())
    let (bytes, words) = list(right)
    var found = left
    PostingsAlgebra.intersect(&found, with: words, in: bytes.rawSpan)
    #expect(found.count <= left.count)
    found = left
    PostingsAlgebra.subtract(words, from: &found, in: bytes.rawSpan)
    #expect(found.count <= left.count)
    let union = PostingsAlgebra.union([try fetched(left), try fetched(right)])
    #expect(union.count <= left.count + right.count)
  }

  @Test func `a damaged, unsorted list gives an answer and no trap`() {
    let (bytes, words) = list([9, 3, 0xFFFF_FFFF, 1, 1])
    let union = PostingsAlgebra.union([words, words], in: bytes.rawSpan)
    #expect(union.count <= 10)
    var ids: [UInt32] = [1, 2, 3]
    PostingsAlgebra.intersect(&ids, with: words, in: bytes.rawSpan)
    #expect(ids.count <= 3)
  }
}
