/// A user's name and password, as the header `Authorization` carries them.
///
///     Basic YWxpY2U6c2VjcmV0      the base64 of alice:secret
struct BasicCredentials: Equatable, Sendable {
  let user: String
  let password: [UInt8]

  init?(header: String?) {
    guard let header else { return nil }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "basic",
      let bytes = Self.decoded(parts[1].utf8),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    user = String(decoding: bytes[..<colon], as: UTF8.self)
    password = Array(bytes[(colon + 1)...])
  }

  /// The bytes of a base64 text; nil when it is none.
  static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var (count, padding) = (0, 0)
    for character in text {
      if character == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let digit = digit(character) else { return nil }
      bits = bits << 6 | UInt32(digit)
      count += 1
      if count % 4 != 1 {
        let shift = UInt32((8 - 2 * (count % 4)) % 8)
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    return padding <= 2 && (count + padding) % 4 == 0 ? bytes : nil
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
