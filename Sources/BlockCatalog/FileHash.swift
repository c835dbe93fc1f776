internal import Crypto
package import ObjectStore
package import TSDBBlock

/// What the files of a block are hashed with, as meta.json says under `thanos.files`.
public enum HashFunction: String, CaseIterable, Sendable {
  /// No hashes are written; those that are there are compared all the same.
  case none = ""
  case sha256 = "SHA256"
}

/// The hash of a file, read piece by piece.
package struct FileHash {
  private var hasher = SHA256()

  private mutating func update(_ piece: [UInt8]) { hasher.update(data: piece) }

  /// What `thanos.files` says.
  private func finish() -> ThanosMeta.File.Hash {
    ThanosMeta.File.Hash(
      function: HashFunction.sha256.rawValue, value: Self.hexadecimal(hasher.finalize()))
  }

  /// Of a whole file. Blocks its thread.
  package static func of(_ path: String) throws(BucketError) -> ThanosMeta.File.Hash {
    var hash = FileHash()
    try LocalCopy.forEachPiece(of: path) { hash.update($0) }
    return hash.finish()
  }

  /// Of a whole object, read piece by piece. One that is replaced meanwhile has the hash of no file.
  package static func of(
    _ name: ObjectName, in bucket: any Bucket
  ) async throws(BucketError) -> ThanosMeta.File.Hash {
    let byteCount = try await bucket.attributes(name).size
    var hash = FileHash()
    var position = 0
    while position < byteCount {
      let end = min(position + pieceByteCount, byteCount)
      let piece = try await bucket.read(name, range: position..<end)
      guard !piece.isEmpty else { break }
      hash.update(piece)
      position += piece.count
    }
    return hash.finish()
  }

  private static let pieceByteCount = 1 << 20

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}

extension ThanosMeta {
  /// Lists all files of a block but meta.json, and meta.json without its size.
  package mutating func list(_ files: [File]) {
    self.files = (files + [File(path: BlockMeta.fileName, size: 0)])
      .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// The hashes that can be compared, by path.
  var fileHashes: [String: File.Hash] {
    var hashes: [String: File.Hash] = [:]
    for file in files where file.hash?.function == HashFunction.sha256.rawValue {
      hashes[file.path] = file.hash
    }
    return hashes
  }
}
