internal import CZlib

/// Compression of answers.
enum Gzip {
  /// Below this, the answer fits a packet anyway.
  static let smallestWorthwhile = 1024

  /// The bytes as one gzip member, or nil when they cannot be compressed.
  static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
    let bound = gzip_bound(bytes.count)
    guard bound > 0 else { return nil }
    let output = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      // SAFETY: both pointers are valid for the lengths given.
      if let base = buffer.baseAddress {
        unsafe count = gzip_compress(bytes, bytes.count, base, bound)
      }
    }
    return output.isEmpty ? nil : output
  }

  /// Whether the header `Accept-Encoding` takes gzip.
  static func isAccepted(by header: String?) -> Bool {
    for offer in (header ?? "").lowercased().split(separator: ",") {
      let parts = offer.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
      guard let coding = parts.first, coding == "gzip" || coding == "*" else { continue }
      let quality = parts.dropFirst().first { $0.hasPrefix("q=") }
      return quality.map { Double($0.dropFirst(2)) ?? 0 > 0 } ?? true
    }
    return false
  }
}
