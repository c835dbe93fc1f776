internal import Glibc

/// One walk through a directory of a ``FilesystemBucket``.
struct DirectoryListing {
  let bucket: FilesystemBucket
  let isRecursive: Bool
  private(set) var objects: [ListedObject] = []

  init(bucket: FilesystemBucket, isRecursive: Bool) {
    self.bucket = bucket
    self.isRecursive = isRecursive
  }

  mutating func visit(_ directory: ObjectName?) throws(BucketError) {
    for child in try children(of: directory) {
      let path = bucket.path(child)
      // What is gone since the directory was read is not listed.
      guard let status = try? SystemCalls.linkStatus(path) else { continue }
      switch status.kind {
      case .file:
        objects.append(
          ListedObject(
            name: child, isDirectory: false, size: status.size,
            modifiedMilliseconds: status.modifiedMilliseconds))
      case .directory where isRecursive:
        try visit(child)
      case .directory where holdsObject(child):
        objects.append(
          ListedObject(name: child, isDirectory: true, size: 0, modifiedMilliseconds: 0))
      case .directory, .other:
        continue
      }
    }
  }

  private func children(of directory: ObjectName?) throws(BucketError) -> [ObjectName] {
    var names: [ObjectName] = []
    do throws(SystemError) {
      try SystemCalls.forEachName(inDirectory: bucket.path(directory)) { name in
        if let child = child(name, of: directory) { names.append(child) }
        return true
      }
    } catch {
      let error = bucket.bucketError(error, .iter, directory)
      guard error.code == .notFound else { throw error }
    }
    return names
  }

  /// The first object found answers, so this reads little. A directory that we may not read
  /// counts as one with objects: whoever needs them meets the error, and nobody else does.
  private func holdsObject(_ directory: ObjectName) -> Bool {
    var found = false
    do throws(SystemError) {
      try SystemCalls.forEachName(inDirectory: bucket.path(directory)) { name in
        guard let child = child(name, of: directory),
          let status = try? SystemCalls.linkStatus(bucket.path(child))
        else { return true }
        found = status.kind == .file || (status.kind == .directory && holdsObject(child))
        return !found
      }
    } catch {
      return error.number != ENOENT
    }
    return found
  }

  /// Nil for what is no object: our own unfinished writes.
  private func child(_ name: String, of directory: ObjectName?) -> ObjectName? {
    guard !name.hasPrefix(FilesystemBucket.temporaryPrefix) else { return nil }
    return try? directory?.appending(name) ?? ObjectName(name)
  }
}
