/// A file outside any bucket, such as a configuration. Blocking.
package enum LocalFile {
  /// All bytes.
  package static func bytes(_ path: String) throws(BucketError) -> [UInt8] {
    do throws(SystemError) {
      let file = try OpenFile(reading: path)
      var bytes: [UInt8] = []
      // By steps and not by size, because a pipe such as /dev/stdin has none.
      while true {
        let step = try file.nextBytes()
        guard !step.isEmpty else { return bytes }
        bytes += step
      }
    } catch {
      throw BucketError(.permanent, .get, object: path, detail: error.message)
    }
  }

  /// Bytes and times, of the file that a symbolic link leads to; nil when there is none.
  package static func attributes(_ path: String) -> ObjectAttributes? {
    guard let status = try? SystemCalls.status(path), status.kind == .file else { return nil }
    return ObjectAttributes(
      size: status.size, modifiedMilliseconds: status.modifiedMilliseconds)
  }
}

/// All bytes of a file outside any bucket, such as a configuration.
package func readLocalFile(_ path: String) async throws(BucketError) -> [UInt8] {
  try await onBlockingThread { () throws(BucketError) in try LocalFile.bytes(path) }
}

/// Copies of objects beside a program, which may be lost or damaged at any time. Blocking.
package enum LocalCopy {
  /// Bytes and times of a file; nil when there is none.
  package static func attributes(_ path: String) -> ObjectAttributes? {
    LocalFile.attributes(path)
  }

  /// All bytes; nil when the file cannot be read.
  package static func read(_ path: String) -> [UInt8]? {
    guard let file = try? OpenFile(reading: path), let size = try? file.status().size else {
      return nil
    }
    return try? file.bytes(at: 0, count: size)
  }

  /// Replaces a file in a directory that exists, without waiting for the disk: a copy that a power
  /// cut damages is made again.
  package static func replace(
    _ path: String, with bytes: [UInt8], modifiedMilliseconds: Int64
  ) throws(BucketError) {
    let temporary = path + ".tmp"
    do throws(SystemError) {
      try? SystemCalls.unlink(temporary)
      try SystemCalls.makeFile(temporary, bytes)
      try SystemCalls.setModified(temporary, milliseconds: modifiedMilliseconds)
      try SystemCalls.rename(temporary, to: path)
    } catch {
      throw BucketError(.transient, .upload, object: path, detail: error.message)
    }
  }
}
