internal import Glibc

/// A directory as a bucket, laid out as Thanos' type FILESYSTEM.
///
/// Objects are regular files. Symbolic links below the directory are not listed and not followed:
/// whoever may write into a bucket cannot make a program read or write elsewhere. Files are written under a temporary name beside their place, synced and renamed.
/// The directory itself need not exist before the first write.
public struct FilesystemBucket: Bucket {
  /// Files that begin like this are writes in progress, or what a crash left of them.
  static let temporaryPrefix = ".blockhouse-tmp-"

  /// The absolute path of the bucket, without a slash at its end.
  public let directory: String

  /// - Parameter directory: Relative paths are resolved against the current directory, once.
  public init(directory: String) throws(BucketError) {
    var path = directory
    if !path.hasPrefix("/") {
      do throws(SystemError) {
        path = try SystemCalls.currentDirectory() + "/" + path
      } catch {
        throw BucketError(
          .permanent, .iter, object: directory, detail: "no current directory: \(error.message)")
      }
    }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.directory = path
  }

  public var name: String { "fs: \(directory)" }

  public func localPath(_ name: ObjectName) -> String? { path(name) }

  public func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ListedObject] {
    try await onBlockingThread { () throws(BucketError) in
      var listing = DirectoryListing(bucket: self, isRecursive: recursive)
      try listing.visit(prefix)
      return listing.objects.sorted { $0.name < $1.name }
    }
  }

  public func attributes(_ name: ObjectName) async throws(BucketError) -> ObjectAttributes {
    try await onBlockingThread { () throws(BucketError) in
      do throws(SystemError) {
        let status = try SystemCalls.linkStatus(pathWithoutLinks(name))
        guard status.kind == .file else { throw SystemError(number: ENOENT) }
        return ObjectAttributes(
          size: status.size, modifiedMilliseconds: status.modifiedMilliseconds)
      } catch {
        throw bucketError(error, .attributes, name)
      }
    }
  }

  public func exists(_ name: ObjectName) async throws(BucketError) -> Bool {
    try await onBlockingThread { () throws(BucketError) in
      do throws(SystemError) {
        return try SystemCalls.linkStatus(pathWithoutLinks(name)).kind == .file
      } catch {
        let error = bucketError(error, .exists, name)
        guard error.code == .notFound else { throw error }
        return false
      }
    }
  }

  public func read(_ name: ObjectName, range: Range<Int>?) async throws(BucketError) -> [UInt8] {
    try await onBlockingThread { () throws(BucketError) in
      do throws(SystemError) {
        let file = try OpenFile(readingNoLink: pathWithoutLinks(name))
        let status = try file.status()
        guard status.kind == .file else { throw SystemError(number: ENOENT) }
        let wanted = (range ?? 0..<status.size).clamped(to: 0..<status.size)
        return try file.bytes(at: wanted.lowerBound, count: wanted.count)
      } catch {
        throw bucketError(error, range == nil ? .get : .getRange, name)
      }
    }
  }

  public func delete(_ name: ObjectName) async throws(BucketError) {
    try await onBlockingThread { () throws(BucketError) in
      do throws(SystemError) {
        let path = try pathWithoutLinks(name)
        guard try SystemCalls.linkStatus(path).kind != .directory else {
          throw SystemError(number: ENOENT)
        }
        try SystemCalls.unlink(path)
      } catch {
        throw bucketError(error, .delete, name)
      }
      removeEmptyDirectories(above: name)
    }
  }

  /// The absolute path of an object or directory of the bucket.
  func path(_ name: ObjectName?) -> String {
    guard let name else { return directory }
    return directory == "/" ? "/\(name)" : "\(directory)/\(name)"
  }

  /// The same, where no directory on the way from the bucket's own is a symbolic link.
  func pathWithoutLinks(_ name: ObjectName) throws(SystemError) -> String {
    var parent = name.parent
    while let directory = parent {
      guard try SystemCalls.linkStatus(path(directory)).kind == .directory else {
        throw SystemError(number: ENOTDIR)
      }
      parent = directory.parent
    }
    return path(name)
  }

  func bucketError(
    _ error: SystemError, _ operation: BucketOperation, _ name: ObjectName?
  ) -> BucketError {
    let path = path(name)
    switch error.number {
    case ENOTDIR where name == nil:
      return BucketError(
        .permanent, operation, object: path,
        detail: "it is not a directory; name the directory that holds the blocks")
    case ENOENT, ENOTDIR, ELOOP:
      return BucketError(.notFound, operation, object: path, detail: "no such object")
    case EACCES, EPERM:
      return BucketError(
        .denied, operation, object: path,
        detail: "\(error.message); give this user access to it and to the directories above it")
    case EROFS:
      return BucketError(.denied, operation, object: path, detail: error.message)
    case EEXIST:
      return BucketError(
        .preconditionFailed, operation, object: path, detail: "it exists already")
    case EINTR, EAGAIN, EMFILE, ENFILE, ENOMEM, EBUSY, ETIMEDOUT, ESTALE:
      return BucketError(.transient, operation, object: path, detail: error.message)
    case ENOSPC, EDQUOT:
      return BucketError(
        .transient, operation, object: path, detail: "\(error.message); free some space")
    default:
      return BucketError(.permanent, operation, object: path, detail: error.message)
    }
  }

  private func removeEmptyDirectories(above name: ObjectName) {
    var parent = name.parent
    while let directory = parent {
      // Fails where something is left, which is how this ends.
      guard (try? SystemCalls.removeDirectory(path(directory))) != nil else { return }
      parent = directory.parent
    }
  }
}
