// A copy that is made piece by piece:
//
//     begin → append … → publish: fsync, set the time, rename
//
// so that a file that has its name is whole, whatever the machine goes through.
extension LocalCopy {
  /// Makes an empty file; one that exists is emptied.
  package static func begin(_ path: String) throws(BucketError) {
    try blaming(path) { () throws(SystemError) in
      try? SystemCalls.unlink(path)
      try SystemCalls.makeFile(path, [])
    }
  }

  /// Appends to a file that exists.
  package static func append(_ bytes: [UInt8], to path: String) throws(BucketError) {
    try blaming(path) { () throws(SystemError) in
      try OpenFile(appendingTo: path).write(bytes[...])
    }
  }

  /// Gives a complete file its name, after its bytes are durable, and the time of what it is a
  /// copy of.
  package static func publish(
    _ temporary: String, as path: String, modifiedMilliseconds: Int64? = nil
  ) throws(BucketError) {
    try blaming(path) { () throws(SystemError) in
      if let modifiedMilliseconds {
        try SystemCalls.setModified(temporary, milliseconds: modifiedMilliseconds)
      }
      try OpenFile(reading: temporary).synchronize()
      try SystemCalls.rename(temporary, to: path)
    }
  }

  /// Reads a file from its beginning to its end.
  package static func forEachPiece(
    of path: String, _ body: ([UInt8]) -> Void
  ) throws(BucketError) {
    do throws(SystemError) {
      let file = try OpenFile(reading: path)
      while true {
        let piece = try file.nextBytes()
        guard !piece.isEmpty else { return }
        body(piece)
      }
    } catch {
      throw BucketError(.transient, .get, object: path, detail: error.message)
    }
  }

  private static func blaming(
    _ path: String, _ body: () throws(SystemError) -> Void
  ) throws(BucketError) {
    do {
      try body()
    } catch {
      throw BucketError(.transient, .upload, object: path, detail: error.message)
    }
  }
}
