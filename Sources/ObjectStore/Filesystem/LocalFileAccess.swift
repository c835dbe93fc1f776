/// A local file that is read in parts, for uploads. Blocking.
package final class ReadableFile: Sendable {
  private let file: OpenFile
  package let size: Int

  /// - Throws: `permanent`, when it cannot be opened or is none.
  package init(_ path: String, for name: ObjectName) throws(BucketError) {
    do throws(SystemError) {
      let file = try OpenFile(reading: path)
      let status = try file.status()
      guard status.kind == .file else { throw SystemError.isDirectory }
      self.file = file
      size = status.size
    } catch {
      throw BucketError(
        .permanent, .upload, object: name.text,
        detail: "cannot read the file to upload, \(path): \(error.message)")
    }
  }

  /// Up to `count` bytes from `offset` on; fewer where the file ends or cannot be read.
  package func bytes(at offset: Int, count: Int) -> [UInt8] {
    (try? file.bytes(at: offset, count: count)) ?? []
  }
}

/// A new local file that grows, for downloads. Blocking; one writer at a time.
package final class GrowingFile: Sendable {
  private let file: OpenFile
  private let path: String

  /// Replaces a file that is there.
  ///
  /// - Throws: `permanent`, when it cannot be made.
  package init(_ path: String) throws(BucketError) {
    self.path = path
    do throws(SystemError) {
      try? SystemCalls.unlink(path)
      file = try OpenFile(creating: path)
    } catch {
      throw BucketError(
        .permanent, .get, object: path, detail: "cannot make the file: \(error.message)")
    }
  }

  package func append(_ bytes: [UInt8]) throws(BucketError) {
    do throws(SystemError) {
      try file.write(bytes[...])
    } catch {
      throw BucketError(
        .permanent, .get, object: path, detail: "cannot write the file: \(error.message)")
    }
  }
}
