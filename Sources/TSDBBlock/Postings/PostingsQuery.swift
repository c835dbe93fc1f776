/// A selector on an index that is far away: which lists to fetch, and the series once they are
/// there.
///
///     matchers ─► groups ─► lengths from the offset table ─► lists to fetch · conditions left
///                                                            └► fetched ─► series ids
///
/// A condition is left to the reader of the series where its lists are longer than the series
/// they would rule out, see ``PostingsLaziness``.
public struct PostingsQuery: Sendable {
  /// A list to fetch.
  public struct List: Equatable, Sendable {
    /// Of the label; empty for the list of all series.
    public var name: [UInt8]
    /// Likewise.
    public var value: [UInt8]
    /// In the index: from the entry count to before the checksum.
    public var range: Range<Int>
  }

  /// What has to be there for ``series(in:)``, group by group.
  public let lists: [List]
  /// Conditions that the reader of the series tests.
  public let remaining: [LabelMatcher]
  /// Why and how much was left out.
  public let skipped: [PostingsLaziness.Skipped]
  /// Places in ``lists``: one range a group, the shortest group first.
  private let additions: [Range<Int>]
  private let subtractions: [Range<Int>]

  /// Decides which lists answer `matchers`; none means all series.
  ///
  /// - Parameters:
  ///   - matchers: conditions in any order.
  ///   - table: of the index.
  ///   - laziness: when to leave conditions out; nil for never.
  /// - Throws: ``BlockError`` when the table cannot be right.
  /// - Complexity: O(values of the labels) for conditions that do not name their values.
  public init(
    _ matchers: [LabelMatcher], in table: PostingsOffsetTable, laziness: PostingsLaziness? = nil
  ) throws(BlockError) {
    let plan = PostingsPlan(matchers)
    let lookup = TabledPostings(table: table)
    var groups: [PostingsPlan.Found<TabledPostings.Place>] = []
    var isEmpty = plan.isEmpty
    for group in plan.groups where !isEmpty {
      let found = try group.found(in: lookup)
      if !found.lists.isEmpty {
        groups.append(found)
      } else if !group.isSubtraction {
        isEmpty = true
      }
    }
    if isEmpty { groups = [] }
    let needsAll = !isEmpty && !groups.contains { !$0.group.isSubtraction }
    let skipped =
      needsAll ? [] : laziness?.skipped(groups.map(PostingsLaziness.Group.init)) ?? []
    let left = Set(skipped.map(\.group))

    var lists: [List] = []
    var additions: [Range<Int>] = []
    var subtractions: [Range<Int>] = []
    if needsAll, let range = try table.listRange(name: [], value: []) {
      lists.append(List(name: [], value: [], range: range))
      additions.append(0..<1)
    }
    let order = groups.indices.sorted { groups[$0].entries < groups[$1].entries }
    for index in order where !left.contains(index) {
      let found = groups[index]
      let first = lists.count
      for place in found.lists { lists.append(lookup.list(found.group.name, place)) }
      if found.group.isSubtraction {
        subtractions.append(first..<lists.count)
      } else {
        additions.append(first..<lists.count)
      }
    }
    self.lists = lists
    self.additions = additions
    self.subtractions = subtractions
    self.skipped = skipped
    remaining = skipped.flatMap { groups[$0.group].group.matchers }
  }

  /// The series, increasing.
  ///
  /// - Parameter fetched: the ids of each of ``lists``, in that order.
  /// - Complexity: O(ids of all lists).
  public func series(in fetched: [[UInt32]]) -> [UInt32] {
    precondition(fetched.count == lists.count, "a list is missing")
    guard !additions.isEmpty else { return [] }
    var combined = PostingsCombination(FetchedLists(lists: fetched))
    do {
      for group in additions { try combined.intersect(with: Array(group)) }
      for group in subtractions { try combined.subtract(Array(group)) }
    } catch {
      // Lists that are in memory are read without an error.
    }
    return combined.ids
  }
}

/// The lists of an index that is far away, by their range.
private struct TabledPostings: PostingsLookup {
  struct Place: Sendable {
    /// In the table's slice, or the bytes that were asked for.
    var value: Value
    var range: Range<Int>

    enum Value: Sendable {
      case given([UInt8])
      case stored(Range<Int>)
    }
  }

  let table: PostingsOffsetTable

  func place(name: [UInt8], value: [UInt8]) throws(BlockError) -> Place? {
    guard let range = try table.listRange(name: name, value: value) else { return nil }
    return Place(value: .given(value), range: range)
  }

  func places(
    of name: [UInt8], where isWanted: (RawSpan) -> Bool
  ) throws(BlockError) -> [Place] {
    let slice = table.slice
    let bytes = slice.bytes
    var places: [Place] = []
    try table.forEachListRange(of: name) { (value, range) throws(BlockError) in
      if isWanted(bytes.extracting(value)) {
        places.append(Place(value: .stored(value), range: range))
      }
      return true
    }
    return places
  }

  func entryCount(at place: Place) -> Int { max(0, place.range.count / 4 - 1) }

  func list(_ name: [UInt8], _ place: Place) -> PostingsQuery.List {
    let value: [UInt8] =
      switch place.value {
      case .given(let bytes): bytes
      case .stored(let range): [UInt8](table.slice.bytes.extracting(range))
      }
    return PostingsQuery.List(name: name, value: value, range: place.range)
  }
}

/// Lists that are in memory, by their number.
private struct FetchedLists: PostingsSource {
  let lists: [[UInt32]]

  func all() throws(BlockError) -> [UInt32] { [] }

  func union(_ places: [Int]) throws(BlockError) -> [UInt32] {
    PostingsAlgebra.union(places.map { lists[$0] })
  }

  func intersect(_ ids: inout [UInt32], with place: Int) throws(BlockError) {
    PostingsAlgebra.intersect(&ids, with: lists[place])
  }
}
