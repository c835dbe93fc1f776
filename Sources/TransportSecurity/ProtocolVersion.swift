internal import NIOSSL

/// A version of TLS.
public enum ProtocolVersion: Int, CaseIterable, Comparable, Sendable {
  case tls10 = 10
  case tls11 = 11
  case tls12 = 12
  case tls13 = 13

  /// As flags have it: `1.3`.
  public init?(number text: String) {
    guard let version = Self.allCases.first(where: { $0.number == text }) else { return nil }
    self = version
  }

  /// As the web configuration has it: `TLS13`.
  public init?(goName text: String) {
    guard let version = Self.allCases.first(where: { "TLS\($0.rawValue)" == text }) else {
      return nil
    }
    self = version
  }

  public var number: String { "1.\(rawValue - 10)" }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  var libraryVersion: TLSVersion {
    switch self {
    case .tls10: .tlsv1
    case .tls11: .tlsv11
    case .tls12: .tlsv12
    case .tls13: .tlsv13
    }
  }
}
