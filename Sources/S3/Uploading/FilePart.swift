internal import NIOCore
internal import ObjectStore

/// A part of a local file as the body of a request: read while it is sent, a piece at a time.
struct FilePart: Sendable {
  static let pieceByteCount = 256 << 10

  let file: ReadableFile
  let offset: Int
  let byteCount: Int

  var pieces: Pieces { Pieces(part: self) }

  /// The hashes asked for, by reading the part once before it is sent.
  func digests(md5 wantsMD5: Bool, sha256 wantsSHA256: Bool) async -> (
    md5: [UInt8], sha256: [UInt8]
  ) {
    await onBlockingThread {
      var md5 = MD5Digest()
      var sha256 = SHA256Digest()
      var position = 0
      while position < byteCount {
        let piece = file.bytes(
          at: offset + position, count: min(Self.pieceByteCount, byteCount - position))
        guard !piece.isEmpty else { break }
        if wantsMD5 { md5.update(piece[...]) }
        if wantsSHA256 { sha256.update(piece[...]) }
        position += piece.count
      }
      return (wantsMD5 ? md5.finalize() : [], wantsSHA256 ? sha256.finalize() : [])
    }
  }

  /// The bytes, piece by piece. Ends early where the file became shorter, which the client notices:
  /// a request must have the length it names.
  struct Pieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let part: FilePart

    func makeAsyncIterator() -> Iterator { Iterator(part: part) }

    struct Iterator: AsyncIteratorProtocol {
      let part: FilePart
      var position = 0

      mutating func next() async throws -> ByteBuffer? {
        let count = Swift.min(FilePart.pieceByteCount, part.byteCount - position)
        guard count > 0 else { return nil }
        let (part, start) = (part, part.offset + position)
        let bytes = await onBlockingThread { part.file.bytes(at: start, count: count) }
        guard !bytes.isEmpty else { return nil }
        position += bytes.count
        return ByteBuffer(bytes: bytes)
      }
    }
  }
}
