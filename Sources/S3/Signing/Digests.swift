internal import Crypto

/// The hash functions of signatures and content checks, and how their results are written.
enum Digests {
  static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256Digest()
    hash.update(bytes[...])
    return hash.finalize()
  }

  static func md5(_ bytes: [UInt8]) -> [UInt8] {
    var hash = MD5Digest()
    hash.update(bytes[...])
    return hash.finalize()
  }

  static func hmac(_ text: String, key: [UInt8]) -> [UInt8] {
    // Written out: that of the library takes keys and texts of Foundation's types only.
    var block = key.count > 64 ? sha256(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    return sha256(block.map { $0 ^ 0x5C } + sha256(block.map { $0 ^ 0x36 } + Array(text.utf8)))
  }

  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var word = UInt32(bytes[start]) << 16
      if count > 1 { word |= UInt32(bytes[start + 1]) << 8 }
      if count > 2 { word |= UInt32(bytes[start + 2]) }
      for place in 0..<4 {
        text.append(
          place <= count ? digits[Int(word >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// SHA-256 of bytes that come in pieces.
struct SHA256Digest {
  private var hash = SHA256()

  mutating func update(_ bytes: ArraySlice<UInt8>) {
    // SAFETY: the call reads the bytes of the slice.
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  func finalize() -> [UInt8] { Array(hash.finalize()) }
}

/// MD5 of bytes that come in pieces: not for secrets, but what Content-MD5 wants.
struct MD5Digest {
  private var hash = Insecure.MD5()

  mutating func update(_ bytes: ArraySlice<UInt8>) {
    // SAFETY: the call reads the bytes of the slice.
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  func finalize() -> [UInt8] { Array(hash.finalize()) }
}
