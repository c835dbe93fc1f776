internal import StoreAPI
internal import TSDBBlock

/// Makes the final labels of a block's series: the block's external labels put in their places,
/// overriding labels of the same name, and replica labels left out.
///
/// Neighbouring series share most of their labels, so a label is compared with the one at the same
/// place of the series before, then looked up in a direct-mapped cache under its two symbol
/// references; both keep its wire form. A series then costs one copy per label.
struct LabelAssembler {
  private struct Slot {
    var key: UInt64 = .max
    var start: Int32 = 0
    var end: Int32 = 0
    /// How many external labels come before a label of this name.
    var rank: Int32 = 0
  }

  /// The cache begins small, since most queries select few series, and grows while it misses.
  private static let firstSlotBits: UInt64 = 7
  private static let lastSlotBits: UInt64 = 12
  /// The cache starts afresh when the wire forms in it take more than this.
  private static let arenaLimit = 256 << 10

  private let externals: [[UInt8]]
  private let externalNames: [[UInt8]]
  private let removedNames: Set<[UInt8]>
  private var slotBits = firstSlotBits
  private var slots = [Slot](repeating: Slot(), count: 1 << firstSlotBits)
  private var misses = 0
  private var arena: [UInt8] = []
  /// The labels of the series before, in the order of the index.
  private var previous: [Slot] = []

  /// - Parameters:
  ///   - externals: External labels of the block, sorted by name.
  ///   - removedNames: Names that no series may show.
  init(externals: [(name: [UInt8], value: [UInt8])], removedNames: Set<[UInt8]>) {
    let shown = externals.filter { !removedNames.contains($0.name) }
    self.externals = shown.map { WireLabels.encode([$0]) }
    externalNames = shown.map(\.name)
    self.removedNames = removedNames
  }

  /// Appends the final labels of one series to `labels`.
  ///
  /// - Parameters:
  ///   - references: Its symbol references in the order of the index.
  ///   - resolve: The bytes of a symbol.
  mutating func append<Failure: Error>(
    _ references: [LabelReference], to labels: inout [UInt8],
    resolve: (UInt32) throws(Failure) -> [UInt8]
  ) throws(Failure) {
    var nextExternal = 0
    for (place, reference) in references.enumerated() {
      let key = UInt64(reference.name) &<< 32 | UInt64(reference.value)
      let slot: Slot
      if place < previous.count, previous[place].key == key, key != .max {
        slot = previous[place]
      } else {
        slot = try find(reference, key, resolve: resolve)
        if place < previous.count { previous[place] = slot } else { previous.append(slot) }
      }
      while nextExternal < Int(slot.rank) {
        labels.append(contentsOf: externals[nextExternal])
        nextExternal &+= 1
      }
      labels.append(arena.rawSpan.extracting(Int(slot.start)..<Int(slot.end)))
    }
    while nextExternal < externals.count {
      labels.append(contentsOf: externals[nextExternal])
      nextExternal &+= 1
    }
  }

  private mutating func find<Failure: Error>(
    _ reference: LabelReference, _ key: UInt64,
    resolve: (UInt32) throws(Failure) -> [UInt8]
  ) throws(Failure) -> Slot {
    let index = Int((key &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- slotBits))
    if slots[index].key == key, key != .max { return slots[index] }
    if makeRoom() { return try find(reference, key, resolve: resolve) }
    let name = try resolve(reference.name)
    let value = try resolve(reference.value)
    let start = arena.count
    if !value.isEmpty, !removedNames.contains(name), !externalNames.contains(name) {
      WireLabels.append(name: name, value: value, to: &arena)
    }
    let rank = externalNames.prefix { ByteOrder.precedes($0, name) }.count
    slots[index] = Slot(
      key: key, start: Int32(start), end: Int32(arena.count), rank: Int32(rank))
    return slots[index]
  }

  /// Counts a miss. Grows a cache that misses more than it has slots, and empties one whose wire
  /// forms take too much.
  ///
  /// - Returns: Whether the slots are others now.
  private mutating func makeRoom() -> Bool {
    misses &+= 1
    let grows = misses > slots.count && slotBits < Self.lastSlotBits
    guard grows || arena.count > Self.arenaLimit else { return false }
    if grows {
      slotBits &+= 2
      if slotBits > Self.lastSlotBits { slotBits = Self.lastSlotBits }
    }
    misses = 0
    arena.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    slots = [Slot](repeating: Slot(), count: 1 << slotBits)
    return true
  }
}
