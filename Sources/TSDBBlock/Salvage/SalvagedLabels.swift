/// Says which labels a series has, from the one part of the index that is proven to know it.
///
///     symbols                    reference ──► string         when their checksum is right
///     postings offset table,     (name, value) ──► series     else: turned around, and believed
///     postings lists                                          where the parts agree, see `learn`
///
/// Labels come out as ranks of ``SalvagedStrings``: sorted by name, each pair once, without empty
/// values.
struct SalvagedLabels {
  let strings: SalvagedStrings
  private let version: UInt8
  private let source: Source

  private enum Source {
    /// Of each symbol the place of its length, and its rank unless that is its ordinal.
    case symbols(places: [Int], ranks: [UInt32]?)
    case postings(SalvagedPostings)
  }

  /// Why a series has no labels that can be believed.
  enum Flaw {
    /// It has none, or only empty ones.
    case none
    /// Two values for one name.
    case ambiguous
    /// It refers to strings of which no proven copy is left.
    case unproven
  }

  /// The symbols of `index`; nil when they are damaged.
  static func symbols(of index: SalvagedIndex, version: UInt8) -> Self? {
    guard let content = index.symbols else { return nil }
    let file = index.file
    var cursor = ByteDecoder(file.bytes.extracting(0..<content.upperBound), at: content.lowerBound)
    var places: [Int] = []
    if let count = try? cursor.uint32() {
      for _ in 0..<count {
        places.append(cursor.position)
        guard (try? cursor.lengthPrefixed()) != nil else { return nil }
      }
    }
    let (strings, ranks) = SalvagedStrings.sorting(places, in: index.file)
    return Self(
      strings: strings, version: version, source: .symbols(places: places, ranks: ranks))
  }

  /// What the postings of `index` say of the entries at `places`; nil when the table is damaged.
  static func postings(
    of index: SalvagedIndex, version: UInt8, _ places: [SeriesHunt.Place]
  ) -> Self? {
    guard index.postingsTable != nil else { return nil }
    var keys: [Int] = []
    index.forEachList { entry in
      keys.append(entry.name.lowerBound - SeriesHunt.byteCount(ofLength: entry.name.count))
      keys.append(entry.value.lowerBound - SeriesHunt.byteCount(ofLength: entry.value.count))
    }
    let (strings, ranks) = SalvagedStrings.sorting(keys, in: index.file)
    var postings = SalvagedPostings(index, ranks: ranks)
    let file = index.file
    let bytes = file.bytes
    var labels: [LabelReference] = []
    var chunks: [ChunkSpan] = []
    func read(_ place: SeriesHunt.Place) -> Bool {
      labels.removeAll(keepingCapacity: true)
      chunks.removeAll(keepingCapacity: true)
      return
        (try? SeriesEntry.decode(
          bytes.extracting(place.body), labels: &labels, chunks: &chunks)) != nil
    }
    // Writers put the chunks of one series behind those of the other. An entry that breaks the order
    // has been moved, and its id, which is its place, is that of another series.
    var previous: (id: UInt32, location: ChunkLocation)?
    for place in places {
      guard read(place), let location = chunks.first?.location else { continue }
      let id = place.id(version)
      if let previous, location < previous.location { postings.distrust(previous.id, id) }
      previous = (id, location)
    }
    for place in places where read(place) { postings.learn(labels, id: place.id(version)) }
    postings.finishLearning()
    return Self(strings: strings, version: version, source: .postings(postings))
  }

  private init(strings: SalvagedStrings, version: UInt8, source: Source) {
    self.strings = strings
    self.version = version
    self.source = source
  }

  /// Whether the labels come from the postings because the symbols are damaged.
  var isFromPostings: Bool {
    if case .postings = source { true } else { false }
  }

  /// Replaces `labels` by those of a series.
  ///
  /// - Returns: nil when they are proven. Otherwise `labels` are those that can be told.
  func resolve(
    _ references: [LabelReference], id: UInt32, into labels: inout [LabelReference]
  ) -> Flaw? {
    labels.removeAll(keepingCapacity: true)
    var isProven = true
    for reference in references {
      guard let name = rank(reference.name), let value = rank(reference.value) else {
        isProven = false
        continue
      }
      // An empty value means that there is no such label.
      guard !strings.isEmpty(value) else { continue }
      labels.append(LabelReference(name: name, value: value))
    }
    normalize(&labels)
    guard isProven else { return .unproven }
    if case .postings(let postings) = source, !postings.agree(labels, id: id, strings) {
      return .unproven
    }
    guard !labels.isEmpty else { return Flaw.none }
    for index in 1..<labels.count where labels[index - 1].name == labels[index].name {
      return .ambiguous
    }
    return nil
  }

  private func normalize(_ labels: inout [LabelReference]) {
    var isOrdered = true
    for index in 1..<max(1, labels.count) where labels[index - 1].name >= labels[index].name {
      isOrdered = false
    }
    guard !isOrdered else { return }
    labels.sort { ($0.name, $0.value) < ($1.name, $1.value) }
    var kept = 0
    for index in labels.indices where index == 0 || labels[index] != labels[kept - 1] {
      labels[kept] = labels[index]
      kept += 1
    }
    labels.removeLast(labels.count - kept)
  }

  private func rank(_ reference: UInt32) -> UInt32? {
    switch source {
    case .symbols(let places, let ranks):
      let ordinal: Int
      if version == 1 {
        let found = places.partitioned { $0 < Int(reference) }
        guard found < places.count, places[found] == Int(reference) else { return nil }
        ordinal = found
      } else {
        ordinal = Int(reference)
        guard ordinal < places.count else { return nil }
      }
      return ranks.map { $0[ordinal] } ?? UInt32(ordinal)
    case .postings(let postings): return postings.rank(reference)
    }
  }
}
