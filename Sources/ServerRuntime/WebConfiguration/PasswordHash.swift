internal import CCrypt

/// A bcrypt hash of a password.
///
///     $2y$10$QOauhQNbBCuQDKes6eFzPe MqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi
///     └─┘└─┘└─────────────────────┘ └─────────────────────────────┘
///    scheme cost     salt                       hash
struct PasswordHash: Sendable {
  /// What a password is compared with where there is no such user, so that the time of an answer
  /// does not tell whether there is. No password has this hash.
  static let nobody = PasswordHash(unchecked: "$2b$10$" + String(repeating: ".", count: 53))

  private let text: String

  private init(unchecked text: String) { self.text = text }

  /// - Returns: nil for a text that is no such hash.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 60, ["$2a$", "$2b$", "$2y$"].contains(text.prefix(4)),
      let cost = UInt8(text.dropFirst(4).prefix(2)), (4...31).contains(cost),
      bytes[6] == UInt8(ascii: "$"), bytes[7...].allSatisfy(Self.isDigit)
    else { return nil }
    self.text = text
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  /// Takes tens of milliseconds, as is meant. Blocking.
  func matches(_ password: [UInt8]) -> Bool {
    // What follows a NUL would not be looked at.
    guard !password.contains(0) else { return false }
    let password = password.map { CChar(bitPattern: $0) } + [0]
    // SAFETY: both strings end with NUL and live for the call.
    return unsafe password_hash_matches(password, text)
  }
}
