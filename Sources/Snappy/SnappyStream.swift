internal import TSDBBlock

/// Whole messages as framed streams.
package enum SnappyStream {
  /// Why a stream cannot be read.
  package enum Failure: Error, Equatable {
    case damaged
    /// It holds more than may be.
    case tooLarge
  }

  /// The stream that decompresses to `bytes`; nothing for nothing, as Go's writer has it.
  package static func compressed(_ bytes: RawSpan) -> [UInt8] {
    guard bytes.byteCount > 0 else { return [] }
    var stream: [UInt8] = []
    stream.reserveCapacity(bytes.byteCount / 2)
    stream += SnappyFrames.identifier
    var position = 0
    while position < bytes.byteCount {
      let end = min(position + SnappyFrames.contentLimit, bytes.byteCount)
      SnappyFrames.append(bytes.extracting(position..<end), to: &stream)
      position = end
    }
    return stream
  }

  /// What a stream holds.
  ///
  /// - Parameter limit: more than this is not decompressed.
  package static func decompressed(
    _ stream: RawSpan, limit: Int
  ) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var frames = SnappyFrames(at: 0)
    while true {
      let frame: SnappyFrames.Frame?
      do {
        frame = try frames.next(in: stream)
      } catch {
        throw .damaged
      }
      guard let frame else { return bytes }
      let content = stream.extracting(frame.content)
      if frame.isCompressed {
        guard
          let piece = SnappyBlock.decompressed(content, limit: SnappyFrames.contentLimit),
          frame.matches(piece.rawSpan)
        else { throw .damaged }
        guard piece.count <= limit - bytes.count else { throw .tooLarge }
        bytes += piece
      } else {
        guard frame.matches(content) else { throw .damaged }
        guard content.byteCount <= limit - bytes.count else { throw .tooLarge }
        bytes.append(content)
      }
    }
  }
}
