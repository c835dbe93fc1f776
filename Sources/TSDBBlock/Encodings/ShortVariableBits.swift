/// The short ones of the numbers of ``VariableBits``: those of up to 9 bits behind a prefix of up to
/// three ones, 13 bits in all. Almost all changes of buckets are.
extension VariableBits {
  /// Bits of the longest short number with its prefix.
  static let largestShortSize = 13

  /// Bits of the short number at the top of a window, or 0 for a longer one.
  ///
  /// The steps from the start of a number to that of the next one are what decoding waits for. A
  /// table in a register makes them fewest.
  @inline(__always)
  static func shortSize(_ window: UInt64) -> UInt64 {
    // For each value of the top four bits four bits.
    let sizes: UInt64 = 0x0D99_5555_1111_1111
    return sizes &>> (window &>> 58 & 0x3C) & 0xF
  }

  /// What short numbers stand for, see ``shortSigned(_:_:_:)``. Of its 4 KiB those for the sizes
  /// that occur are touched: 16 bytes, 128 bytes, a KiB.
  static let shortValues: [Int16] = {
    var values = [Int16](repeating: 0, count: shortPlaceMask + 1)
    for ones in 1...3 {
      let size = payloadSizes[ones]
      let prefix = (1 << ones - 1) << (size + 1)
      for raw in 0..<1 << size {
        values[(prefix | raw) & shortPlaceMask] = Int16(signed(UInt64(raw), size))
      }
    }
    return values
  }()

  /// No two short numbers of prefix and payload have the same of these bits.
  private static let shortPlaceMask = 0x7FF

  /// The short number of this size, 1 to 13, at the top of a window.
  ///
  /// - Parameter values: ``shortValues``.
  @inline(__always)
  static func shortSigned(_ window: UInt64, _ size: UInt64, _ values: Span<Int16>) -> Int64 {
    let place = Int(truncatingIfNeeded: window &>> (64 &- size)) & shortPlaceMask
    // SAFETY: there is a value for every place under the mask.
    return unsafe Int64(values[unchecked: place])
  }
}
