internal import StoreAPI
internal import TSDBBlock

/// Makes the final labels of a block's series: the block's external labels put in their places,
/// overriding labels of the same name, and replica labels left out.
///
/// Neighbouring series begin with the same labels mostly, so the wire form of the series before is
/// kept up to the first label that differs and the rest is appended. A label that is needed again is
/// found in a direct-mapped cache under its two symbol references.
///
///     current   │ a=1 │ e=x │ b=2 │ c=3 │      e is an external label
///     places    end of a=1   b=2   c=3         each with the externals before it
struct LabelAssembler: Sendable {
  private struct Place {
    var key: UInt64
    /// End of the label in `current`.
    var end: Int32
    /// How many external labels stand before that.
    var externals: Int32
  }

  private struct Slot {
    var key: UInt64 = .max
    var start: Int32 = 0
    var end: Int32 = 0
    var rank: Int32 = 0
  }

  private struct Name {
    var reference: UInt32
    /// How many external labels come before a label of this name.
    var rank: Int32
    var isShown: Bool
    var range: Range<Int>
  }

  /// The cache begins small, since most queries select few series, and grows while it misses.
  private static let firstSlotBits: UInt64 = 7
  private static let lastSlotBits: UInt64 = 13
  /// The cache starts afresh when the wire forms in it take more than this.
  private static let arenaLimit = 512 << 10
  /// Names of a block that are remembered; further ones are looked up at every miss.
  private static let nameLimit = 64

  private let externals: [[UInt8]]
  private let externalNames: [[UInt8]]
  private let removedNames: Set<[UInt8]>
  private var slotBits = firstSlotBits
  private var slots = [Slot](repeating: Slot(), count: 1 << firstSlotBits)
  private var misses = 0
  private var arena: [UInt8] = []
  private var names: [Name] = []
  private var places: [Place] = []
  /// The final labels of the series assembled last, in the form of ``WireLabels``.
  private(set) var current: [UInt8] = []

  /// - Parameters:
  ///   - externals: External labels of the block, sorted by name.
  ///   - removedNames: Names that no series may show.
  init(externals: [(name: [UInt8], value: [UInt8])], removedNames: Set<[UInt8]>) {
    let shown = externals.filter { !removedNames.contains($0.name) }
    self.externals = shown.map { WireLabels.encode([$0]) }
    externalNames = shown.map(\.name)
    self.removedNames = removedNames
  }

  /// Makes ``current`` the final labels of a series.
  ///
  /// - Parameter references: Its symbol references in the order of the index.
  /// - Returns: Whether they begin with all references of the series assembled before.
  mutating func assemble(
    _ references: [LabelReference], _ symbols: SymbolTable
  ) throws(BlockError) -> Bool {
    let common = min(places.count, references.count)
    var shared = 0
    while shared < common, places[shared].key == Self.key(references[shared]) { shared &+= 1 }
    let extends = shared == places.count
    let unshared = places.count &- shared
    places.removeLast(unshared)
    let last = places.last ?? Place(key: 0, end: 0, externals: 0)
    let surplus = current.count &- Int(last.end)
    current.removeLast(surplus)
    var nextExternal = Int(last.externals)
    do throws(BlockError) {
      for index in shared..<references.count {
        let key = Self.key(references[index])
        let slot = try find(references[index], key, symbols)
        while nextExternal < Int(slot.rank) {
          current.append(contentsOf: externals[nextExternal])
          nextExternal &+= 1
        }
        current.append(contentsOf: arena[Int(slot.start)..<Int(slot.end)])
        places.append(
          Place(key: key, end: Int32(current.count), externals: Int32(nextExternal)))
      }
    } catch {
      places.removeAll(keepingCapacity: true)
      current.removeAll(keepingCapacity: true)
      throw error
    }
    while nextExternal < externals.count {
      current.append(contentsOf: externals[nextExternal])
      nextExternal &+= 1
    }
    return extends
  }

  private static func key(_ reference: LabelReference) -> UInt64 {
    UInt64(reference.name) &<< 32 | UInt64(reference.value)
  }

  private mutating func find(
    _ reference: LabelReference, _ key: UInt64, _ symbols: SymbolTable
  ) throws(BlockError) -> Slot {
    let index = Int((key &* 0x9E37_79B9_7F4A_7C15) &>> (64 &- slotBits))
    if slots[index].key == key, key != .max { return slots[index] }
    if makeRoom() { return try find(reference, key, symbols) }
    let name = try find(reference.name, symbols)
    let value = try symbols.range(of: reference.value)
    let start = arena.count
    if name.isShown, !value.isEmpty {
      let slice = symbols.slice
      let bytes = slice.bytes
      WireLabels.append(
        name: bytes.extracting(name.range), value: bytes.extracting(value), to: &arena)
    }
    slots[index] = Slot(
      key: key, start: Int32(start), end: Int32(arena.count), rank: name.rank)
    return slots[index]
  }

  private mutating func find(
    _ reference: UInt32, _ symbols: SymbolTable
  ) throws(BlockError) -> Name {
    for name in names where name.reference == reference { return name }
    let range = try symbols.range(of: reference)
    let slice = symbols.slice
    let text = [UInt8](slice.bytes.extracting(range))
    let name = Name(
      reference: reference,
      rank: Int32(externalNames.prefix { ByteOrder.precedes($0, text) }.count),
      isShown: !removedNames.contains(text) && !externalNames.contains(text), range: range)
    if names.count < Self.nameLimit { names.append(name) }
    return name
  }

  /// Counts a miss. Grows a cache that misses more than it has slots, and empties one whose wire
  /// forms take too much.
  ///
  /// - Returns: Whether the slots are others now.
  private mutating func makeRoom() -> Bool {
    misses &+= 1
    let grows = misses > slots.count && slotBits < Self.lastSlotBits
    guard grows || arena.count > Self.arenaLimit else { return false }
    if grows { slotBits = min(slotBits &+ 2, Self.lastSlotBits) }
    misses = 0
    arena.removeAll(keepingCapacity: true)
    slots = [Slot](repeating: Slot(), count: 1 << slotBits)
    return true
  }
}
