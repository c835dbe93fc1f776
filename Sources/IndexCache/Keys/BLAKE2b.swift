/// BLAKE2b with 32 bytes of digest and no key (RFC 7693): names items in caches that Thanos
/// processes share. It protects nothing here.
///
///     message ‖ zeros                      blocks of 128 bytes, at least one
///        block ─► 12 rounds over 16 words ─► 8 words of state ─► 32 bytes, little endian
enum BLAKE2b {
  private static let blockSize = 128

  /// The 32 bytes of the digest.
  static func digest(of message: [UInt8]) -> [UInt8] {
    var state = initial
    // Digest length, no key, one leaf in a tree of depth one.
    state[0] ^= 0x0101_0000 ^ 32
    var words = [UInt64](repeating: 0, count: 16)
    var start = 0
    repeat {
      let end = min(start + blockSize, message.count)
      for index in words.indices { words[index] = word(of: message, at: start + 8 * index) }
      compress(&state, words, taken: UInt64(end), isLast: end == message.count)
      start = end
    } while start < message.count
    return state[0..<4].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }
  }

  private static func word(of message: [UInt8], at start: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in start..<max(start, min(start + 8, message.count)) {
      word |= UInt64(message[index]) << (8 * UInt64(index - start))
    }
    return word
  }

  private static func compress(
    _ state: inout [UInt64], _ words: [UInt64], taken: UInt64, isLast: Bool
  ) {
    var v = state + initial
    v[12] ^= taken
    if isLast { v[14] = ~v[14] }
    for round in 0..<12 {
      let order = permutations[round % 10]
      for (step, (a, b, c, d)) in quarters.enumerated() {
        v[a] = v[a] &+ v[b] &+ words[order[2 * step]]
        v[d] = rotated(v[d] ^ v[a], by: 32)
        v[c] = v[c] &+ v[d]
        v[b] = rotated(v[b] ^ v[c], by: 24)
        v[a] = v[a] &+ v[b] &+ words[order[2 * step + 1]]
        v[d] = rotated(v[d] ^ v[a], by: 16)
        v[c] = v[c] &+ v[d]
        v[b] = rotated(v[b] ^ v[c], by: 63)
      }
    }
    for index in state.indices { state[index] ^= v[index] ^ v[index + 8] }
  }

  private static func rotated(_ word: UInt64, by bits: UInt64) -> UInt64 {
    word >> bits | word << (64 - bits)
  }

  /// The columns, then the diagonals.
  private static let quarters = [
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
  ]

  private static let initial: [UInt64] = [
    0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1,
    0x510E_527F_ADE6_82D1, 0x9B05_688C_2B3E_6C1F, 0x1F83_D9AB_FB41_BD6B, 0x5BE0_CD19_137E_2179,
  ]

  private static let permutations: [[Int]] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
  ]
}
