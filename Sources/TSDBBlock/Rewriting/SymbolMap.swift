/// Translates the symbol references of one block.
struct SymbolMap {
  /// References in table order, where these are not 0, 1, 2, … (index version 1).
  private var references: [UInt32] = []
  private var ordinals: [UInt32] = []
  private var hashes: [UInt64] = []
  private let usesOffsets: Bool

  init(version: UInt8, count: Int) {
    usesOffsets = version == 1
    ordinals.reserveCapacity(count)
    hashes.reserveCapacity(count)
    if usesOffsets { references.reserveCapacity(count) }
  }

  /// Adds the block's next symbol.
  mutating func append(reference: UInt32, ordinal: UInt32, hash: UInt64) {
    if usesOffsets { references.append(reference) }
    ordinals.append(ordinal)
    hashes.append(hash)
  }

  /// The place of the symbol among all symbols of the merge, and the hash of its bytes; nil when
  /// the block has no such symbol.
  func lookup(_ reference: UInt32) -> (ordinal: UInt32, hash: UInt64)? {
    let position = usesOffsets ? position(of: reference) : Int(reference)
    guard let position, position < ordinals.count else { return nil }
    return (ordinals[position], hashes[position])
  }

  private func position(of reference: UInt32) -> Int? {
    var low = 0
    var high = references.count
    while low < high {
      let middle = (low + high) / 2
      if references[middle] < reference { low = middle + 1 } else { high = middle }
    }
    return low < references.count && references[low] == reference ? low : nil
  }
}
