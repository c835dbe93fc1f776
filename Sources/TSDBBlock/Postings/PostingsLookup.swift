/// Says which lists belong to a label, and how long they are, without reading them.
protocol PostingsLookup {
  /// Where a list stands.
  associatedtype Place: Sendable

  /// The list of a label pair; nil when no series has it.
  func place(name: [UInt8], value: [UInt8]) throws(BlockError) -> Place?

  /// The lists of those values of a label that are wanted, in the order of the values.
  func places(
    of name: [UInt8], where isWanted: (RawSpan) -> Bool
  ) throws(BlockError) -> [Place]

  /// Entries of a list, as far as they are known before it is read.
  func entryCount(at place: Place) -> Int
}

/// Reads lists.
protocol PostingsSource {
  associatedtype Place: Sendable

  /// The ids of all series.
  func all() throws(BlockError) -> [UInt32]
  /// The ids that are in any of some lists; of no lists none.
  func union(_ places: [Place]) throws(BlockError) -> [UInt32]
  /// Keeps the ids that are in a list too.
  func intersect(_ ids: inout [UInt32], with place: Place) throws(BlockError)
}

extension PostingsPlan {
  /// A group and the lists it needs.
  struct Found<Place: Sendable>: Sendable {
    var group: Group
    var lists: [Place]
    /// Of all lists.
    var entries: Int
  }
}

extension PostingsPlan.Group {
  /// Finds the lists the group needs and adds up what they hold.
  ///
  /// - Complexity: O(candidates × log values), or O(values) when the conditions name none.
  func found<Lookup: PostingsLookup>(
    in lookup: Lookup
  ) throws(BlockError) -> PostingsPlan.Found<Lookup.Place> {
    var lists: [Lookup.Place] = []
    if let candidates {
      for value in candidates where wants(value.rawSpan) {
        if let place = try lookup.place(name: name, value: value) { lists.append(place) }
      }
    } else {
      lists = try lookup.places(of: name, where: wants)
    }
    var entries = 0
    for list in lists { entries += lookup.entryCount(at: list) }
    return PostingsPlan.Found(group: self, lists: lists, entries: entries)
  }
}

/// A selection under construction, group by group.
struct PostingsCombination<Source: PostingsSource> {
  private let source: Source
  private var combined: [UInt32]?

  init(_ source: Source) { self.source = source }

  /// Series so far; nil before the first group.
  var count: Int? { combined?.count }

  var ids: [UInt32] { combined ?? [] }

  /// Keeps the series that are in any of some lists.
  mutating func intersect(with places: [Source.Place]) throws(BlockError) {
    guard var ids = combined else {
      combined = try source.union(places)
      return
    }
    // The only reference: what follows works in place.
    combined = nil
    if places.count == 1 {
      try source.intersect(&ids, with: places[0])
    } else {
      PostingsAlgebra.intersect(&ids, with: places.isEmpty ? [] : try source.union(places))
    }
    combined = ids
  }

  /// Takes all series when no group has said which.
  mutating func beginWithAll() throws(BlockError) {
    if combined == nil { combined = try source.all() }
  }

  /// Takes away the series that are in any of some lists.
  mutating func subtract(_ places: [Source.Place]) throws(BlockError) {
    guard !places.isEmpty, var ids = combined else { return }
    combined = nil
    PostingsAlgebra.subtract(try source.union(places), from: &ids)
    combined = ids
  }
}
