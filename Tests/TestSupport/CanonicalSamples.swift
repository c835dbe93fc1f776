/// FNV-1a, 64 bit: the hash of the golden files that needs no library.
public struct FNV64: Equatable, Sendable {
  public private(set) var value: UInt64 = 14_695_981_039_346_656_037

  public init() {}

  public mutating func update(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 1_099_511_628_211 }
  }

  /// Sixteen hex digits, as in the field `fnv64`.
  public var hex: String { hexDigits(value) }
}

/// The canonical line `F <st> <t> <hex>` of a float sample, with its line feed.
public func canonicalLine(st: Int64 = 0, time: Int64, bits: UInt64) -> String {
  "F \(st) \(time) \(hexDigits(bits))\n"
}

/// The FNV-1a hash over the canonical lines of float samples without start times.
public func fingerprint(timestamps: [Int64], values: [UInt64]) -> String {
  var hash = FNV64()
  for (time, bits) in zip(timestamps, values) {
    hash.update(canonicalLine(time: time, bits: bits).utf8)
  }
  return hash.hex
}

/// Sixteen lower case hex digits.
public func hexDigits(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
