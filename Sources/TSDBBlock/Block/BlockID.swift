/// The identity of a block: a ULID, 48 bits of time and 80 random bits.
///
///     01HRHZ2KZ8 H174NHP7YJ73AGKH        26 characters of Crockford's base 32
///     time, ms   randomness
///
/// Ordered by its bytes, which is the order of creation and that of the text.
public struct BlockID: Hashable, Comparable, Sendable, CustomStringConvertible {
  // The 128 bits, most significant first.
  private let high: UInt64
  private let low: UInt64

  /// The identity whose bits are all zero; a meta.json without an `ulid` has it.
  public static let zero = BlockID(high: 0, low: 0)

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The identity written as `text`: 26 upper case characters, without I, L, O and U, the first
  /// at most 7. Nil for anything else, so a directory has exactly one valid spelling.
  public init?(_ text: some StringProtocol) {
    self.init(characters: text.utf8, foldingCase: false)
  }

  /// As ``init(_:)``, but lower case letters count as their upper case form.
  public init?(ignoringCase text: some StringProtocol) {
    self.init(characters: text.utf8, foldingCase: true)
  }

  private init?(characters: some Sequence<UInt8>, foldingCase: Bool) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var count = 0
    for character in characters {
      let upper =
        foldingCase && character >= UInt8(ascii: "a") && character <= UInt8(ascii: "z")
        ? character - 32 : character
      guard count < Self.length, let digit = Self.digit(upper) else { return nil }
      // 26 characters hold 130 bits; the first may only use its lower three.
      guard count > 0 || digit <= 7 else { return nil }
      high = high &<< 5 | low &>> 59
      low = low &<< 5 | digit
      count += 1
    }
    guard count == Self.length else { return nil }
    self.init(high: high, low: low)
  }

  /// An identity for a block made now.
  ///
  /// - Parameters:
  ///   - milliseconds: Unix time; cut to 48 bits, negative counts as 0.
  ///   - randomness: where the 80 random bits come from.
  public static func make(
    now milliseconds: Int64, randomness: inout some RandomNumberGenerator
  ) -> BlockID {
    let time = UInt64(max(milliseconds, 0)) & 0xFFFF_FFFF_FFFF
    let high = time &<< 16 | UInt64.random(in: 0...0xFFFF, using: &randomness)
    return BlockID(high: high, low: randomness.next())
  }

  /// An identity for a block made now, with bits of the system's generator.
  public static func make(now milliseconds: Int64) -> BlockID {
    var system = SystemRandomNumberGenerator()
    return make(now: milliseconds, randomness: &system)
  }

  /// When the identity was made, in Unix milliseconds.
  public var timeMilliseconds: Int64 { Int64(high &>> 16) }

  /// The order of creation.
  public static func < (left: BlockID, right: BlockID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// The 26 characters.
  public var description: String {
    var characters = [UInt8](repeating: 0, count: Self.length)
    var (high, low) = (high, low)
    for position in characters.indices.reversed() {
      characters[position] = Self.alphabet[Int(low & 31)]
      low = low &>> 5 | high &<< 59
      high &>>= 5
    }
    return String(decoding: characters, as: UTF8.self)
  }

  // MARK: - Alphabet

  static let length = 26

  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  private static func digit(_ character: UInt8) -> UInt64? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(character - 48)
    case UInt8(ascii: "A")...UInt8(ascii: "H"): UInt64(character - 65) + 10
    case UInt8(ascii: "J")...UInt8(ascii: "K"): UInt64(character - 74) + 18
    case UInt8(ascii: "M")...UInt8(ascii: "N"): UInt64(character - 77) + 20
    case UInt8(ascii: "P")...UInt8(ascii: "T"): UInt64(character - 80) + 22
    case UInt8(ascii: "V")...UInt8(ascii: "Z"): UInt64(character - 86) + 27
    default: nil
    }
  }
}
