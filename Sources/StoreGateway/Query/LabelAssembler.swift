internal import StoreAPI
internal import TSDBBlock

/// Makes the final labels of a block's series: the block's external labels put in their places,
/// overriding labels of the same name, and replica labels left out.
///
/// Neighbouring series share most of their labels, so the wire form of a label is kept in a small
/// direct-mapped cache under its two symbol references. A series then costs one copy per label.
struct LabelAssembler {
  private struct Slot {
    var key: UInt64 = .max
    var start: Int32 = 0
    var end: Int32 = 0
    /// How many external labels come before a label of this name.
    var rank: Int32 = 0
  }

  private static let slotCount = 1024
  /// The cache starts afresh when the wire forms in it take more than this.
  private static let arenaLimit = 256 << 10

  private let externals: [[UInt8]]
  private let externalNames: [[UInt8]]
  private let removedNames: Set<[UInt8]>
  private var slots = [Slot](repeating: Slot(), count: slotCount)
  private var arena: [UInt8] = []

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
    for reference in references {
      let slot = try slot(for: reference, resolve: resolve)
      while nextExternal < Int(slot.rank) {
        labels.append(contentsOf: externals[nextExternal])
        nextExternal &+= 1
      }
      labels.append(contentsOf: arena[Int(slot.start)..<Int(slot.end)])
    }
    for wire in externals[nextExternal...] { labels.append(contentsOf: wire) }
  }

  private mutating func slot<Failure: Error>(
    for reference: LabelReference,
    resolve: (UInt32) throws(Failure) -> [UInt8]
  ) throws(Failure) -> Slot {
    let key = UInt64(reference.name) &<< 32 | UInt64(reference.value)
    let index = Int((key &* 0x9E37_79B9_7F4A_7C15) &>> 54)
    if slots[index].key == key, key != .max { return slots[index] }
    if arena.count > Self.arenaLimit {
      arena.removeAll(keepingCapacity: true)
      for index in slots.indices { slots[index] = Slot() }
    }
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
}
