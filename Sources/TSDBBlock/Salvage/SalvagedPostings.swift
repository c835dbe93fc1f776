/// The postings turned around: which labels each series has.
///
/// 8 bytes per label of each series. Needed only where the symbol table is damaged.
struct SalvagedPostings {
  /// Names and values as ranks, of the lists in the order of the table.
  private var pairs: [LabelReference] = []
  /// Series id and position of a pair, sorted.
  private var members: [UInt64] = []
  /// The string that a symbol reference stands for.
  private var meanings: [UInt32: UInt32] = [:]
  /// The reference that stands for a string.
  private var references: [UInt32: UInt32] = [:]
  /// References that series disagree about.
  private var doubtful: Set<UInt32> = []
  /// Series whose entries may have been moved.
  private var misplaced: Set<UInt32> = []

  /// - Parameter ranks: of the name and the value of each list; their positions unless given.
  init(_ index: SalvagedIndex, ranks: [UInt32]?) {
    let file = index.file
    let bytes = file.bytes
    var key = 0
    index.forEachList { entry in
      let name = ranks?[key] ?? UInt32(truncatingIfNeeded: key)
      let value = ranks?[key + 1] ?? UInt32(truncatingIfNeeded: key + 1)
      key += 2
      let isAll = entry.name.isEmpty && entry.value.isEmpty
      guard !isAll, let list = index.list(entry) else { return }
      let pair = UInt64(pairs.count)
      pairs.append(LabelReference(name: name, value: value))
      // A list that claims to be huge is as large as its bytes; many that claim the same bytes are
      // not believed.
      guard members.count + list.count <= bytes.byteCount else { return }
      for position in 0..<list.count {
        members.append(UInt64(list.id(at: position, in: bytes)) &<< 32 | pair)
      }
    }
    members.sort()
  }

  /// Believes nothing of what the lists say of two series.
  mutating func distrust(_ id: UInt32, _ other: UInt32) {
    misplaced.insert(id)
    misplaced.insert(other)
  }

  /// References increase as the strings do; those that break the order are not believed.
  mutating func finishLearning() {
    let sorted = meanings.sorted { $0.key < $1.key }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.value >= right.value {
      doubtful.insert(left.key)
      doubtful.insert(right.key)
    }
  }

  /// Compares the labels of a series with the lists that name it: both are sorted by name, so the
  /// first reference stands for the first name.
  mutating func learn(_ labels: [LabelReference], id: UInt32) {
    let labels = Array(Set(labels)).sorted { $0.name < $1.name }
    let listed = labelsInLists(of: id)
    guard labels.count == listed.count, !misplaced.contains(id) else { return }
    for (label, pair) in zip(labels, listed) {
      learn(label.name, pair.name)
      learn(label.value, pair.value)
    }
  }

  private mutating func learn(_ reference: UInt32, _ rank: UInt32) {
    let meaning = meanings[reference] ?? rank
    let owner = references[rank] ?? reference
    meanings[reference] = meaning
    references[rank] = owner
    guard meaning != rank || owner != reference else { return }
    doubtful.insert(reference)
    doubtful.insert(owner)
  }

  /// The labels of the lists that name the series, sorted by name.
  private func labelsInLists(of id: UInt32) -> [LabelReference] {
    var position = members.partitioned { UInt32($0 &>> 32) < id }
    var labels: [LabelReference] = []
    while position < members.count, UInt32(members[position] &>> 32) == id {
      labels.append(pairs[Int(members[position] & 0xFFFF_FFFF)])
      position += 1
    }
    return labels.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
  }

  func rank(_ reference: UInt32) -> UInt32? {
    doubtful.contains(reference) ? nil : meanings[reference]
  }

  /// Whether the lists give the series these labels, those with empty values aside.
  func agree(_ labels: [LabelReference], id: UInt32, _ strings: SalvagedStrings) -> Bool {
    !misplaced.contains(id)
      && labelsInLists(of: id).filter { !strings.isEmpty($0.value) } == labels
  }
}
