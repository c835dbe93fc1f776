/// Calls `body` with the bytes cut at every length, the empty one first.
func forEachCut(of bytes: [UInt8], _ body: (_ cut: [UInt8]) throws -> Void) rethrows {
  for length in bytes.indices { try body(Array(bytes[..<length])) }
}

/// Calls `body` with each bit flipped, one at a time.
///
/// - Parameter body: gets the position of the damaged byte too.
func forEachFlip(
  of bytes: [UInt8], in range: Range<Int>? = nil,
  _ body: (_ damaged: [UInt8], _ position: Int) throws -> Void
) rethrows {
  var damaged = bytes
  for position in range ?? bytes.indices {
    for bit in 0..<8 {
      damaged[position] ^= 1 << UInt8(bit)
      try body(damaged, position)
      damaged[position] = bytes[position]
    }
  }
}
