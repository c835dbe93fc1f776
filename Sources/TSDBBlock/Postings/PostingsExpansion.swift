/// Carries out a plan on a mapped index: the groups with few series first.
///
/// Reading a list costs next to nothing here, so it is decided step by step, with the number of
/// series known that the steps before have left.
struct PostingsExpansion {
  let index: IndexReader
  let allowsRemaining: Bool

  /// What a list and an entry of a list cost, beside one series that is read and tested.
  private static let costPerList = 4
  private static let entriesPerSeries = 16

  private typealias Found = PostingsPlan.Found<UInt64>

  func run(_ plan: PostingsPlan) throws(BlockError) -> PostingsSelection {
    var additions: [Found] = []
    var subtractions: [Found] = []
    var wide: [PostingsPlan.Group] = []
    for group in plan.groups {
      // Going through all values of a label is work of its own; it waits until it is known how
      // many series the rest leaves.
      if allowsRemaining, group.candidates == nil, try isWide(group) {
        wide.append(group)
        continue
      }
      let found = try group.found(in: MappedPostings(index))
      if group.isSubtraction {
        subtractions.append(found)
      } else if found.lists.isEmpty {
        return PostingsSelection(ids: [])
      } else {
        additions.append(found)
      }
    }
    if additions.isEmpty {
      for group in wide {
        let found = try group.found(in: MappedPostings(index))
        if group.isSubtraction { subtractions.append(found) } else { additions.append(found) }
      }
      wide = []
    }
    return try expand(additions, subtractions, wide)
  }

  private func expand(
    _ additions: [Found], _ subtractions: [Found], _ wide: [PostingsPlan.Group]
  ) throws(BlockError) -> PostingsSelection {
    var remaining: [LabelMatcher] = []
    var combined = PostingsCombination(try MappedPostings(index))
    for addition in additions.sorted(by: { $0.entries < $1.entries }) {
      if let count = combined.count, isCheaperToTest(count, cost(addition)) {
        remaining += addition.group.matchers
      } else {
        try combined.intersect(with: addition.lists)
      }
    }
    try combined.beginWithAll()
    for subtraction in subtractions {
      guard let count = combined.count, count > 0 else { break }
      if isCheaperToTest(count, cost(subtraction)) {
        remaining += subtraction.group.matchers
      } else {
        try combined.subtract(subtraction.lists)
      }
    }
    for group in wide {
      guard let count = combined.count, count > 0 else { break }
      let valueCount = try index.postingsOffsets.valueCount(of: group.name)
      if isCheaperToTest(count, Self.costPerList * 4 * valueCount) {
        remaining += group.matchers
        continue
      }
      let lists = try group.found(in: MappedPostings(index)).lists
      if group.isSubtraction {
        try combined.subtract(lists)
      } else {
        try combined.intersect(with: lists)
      }
    }
    let ids = combined.ids
    return PostingsSelection(ids: ids, remaining: ids.isEmpty ? [] : remaining)
  }

  private func cost(_ found: Found) -> Int {
    found.entries + Self.costPerList * found.lists.count
  }

  private func isCheaperToTest(_ seriesCount: Int, _ cost: Int) -> Bool {
    allowsRemaining && cost / Self.entriesPerSeries > seriesCount
  }

  private func isWide(_ group: PostingsPlan.Group) throws(BlockError) -> Bool {
    try index.postingsOffsets.valueCount(of: group.name) > 1024
  }
}

/// The lists of an index that is at hand, by their file offset.
private struct MappedPostings: PostingsLookup, PostingsSource {
  private let index: IndexReader
  private let table: PostingsOffsetTable

  init(_ index: IndexReader) throws(BlockError) {
    self.index = index
    table = try index.postingsOffsets
  }

  func place(name: [UInt8], value: [UInt8]) throws(BlockError) -> UInt64? {
    try table.listOffset(name: name, value: value)
  }

  func places(
    of name: [UInt8], where isWanted: (RawSpan) -> Bool
  ) throws(BlockError) -> [UInt64] {
    let slice = table.slice
    let bytes = slice.bytes
    var places: [UInt64] = []
    try table.forEachValue(of: name) { (value, offset) throws(BlockError) in
      if isWanted(bytes.extracting(value)) { places.append(offset) }
      return true
    }
    return places
  }

  func entryCount(at place: UInt64) -> Int { index.cardinality(at: place) }

  func all() throws(BlockError) -> [UInt32] { try index.allPostings() }

  func union(_ places: [UInt64]) throws(BlockError) -> [UInt32] {
    var lists: [PostingsList] = []
    lists.reserveCapacity(places.count)
    for place in places { lists.append(try index.postingsList(at: place)) }
    let file = index.file
    return PostingsAlgebra.union(lists, in: file.bytes)
  }

  func intersect(_ ids: inout [UInt32], with place: UInt64) throws(BlockError) {
    let list = try index.postingsList(at: place)
    let file = index.file
    PostingsAlgebra.intersect(&ids, with: list, in: file.bytes)
  }
}
