internal import NIOSSL

/// A group for key exchange, an elliptic curve or a hybrid, under the name that Go gives it.
public struct KeyExchangeGroup: Hashable, Sendable {
  public let name: String
  /// Nil for a group that Go knows and the TLS library here does not.
  let curve: NIOTLSCurve?

  /// - Returns: nil for a name that is not known.
  public init?(name: String) {
    guard let curve = Self.known[name] else { return nil }
    self.name = name
    self.curve = curve
  }

  /// Whether it can be used; one that cannot is left out of a list of others.
  public var isSupported: Bool { curve != nil }

  /// Names that can be given, sorted.
  public static var names: [String] { known.keys.sorted() }

  /// Nil for those that the TLS library lacks.
  private static let known: [String: NIOTLSCurve?] = {
    var curves: [String: NIOTLSCurve?] = [
      "CurveP256": .secp256r1, "P256": .secp256r1,
      "CurveP384": .secp384r1, "P384": .secp384r1,
      "CurveP521": .secp521r1, "P521": .secp521r1,
      "X25519": .x25519,
      "X25519MLKEM768": .x25519_MLKEM768,
    ]
    for name in ["SecP256r1MLKEM768", "SecP384r1MLKEM1024"] {
      curves.updateValue(nil, forKey: name)
    }
    return curves
  }()
}
