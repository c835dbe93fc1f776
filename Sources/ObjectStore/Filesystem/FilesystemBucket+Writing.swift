internal import Glibc

// A write, in the order that makes it atomic and durable:
//
//     directories → temporary file → fsync file → rename (or link, to create) → fsync directory
extension FilesystemBucket {
  public func write(_ bytes: [UInt8], to name: ObjectName) async throws(BucketError) {
    try await onBlockingThread { () throws(BucketError) in
      try place(name) { temporary, target throws(SystemError) in
        try writeDurably(bytes, to: temporary)
        try SystemCalls.rename(temporary, to: target)
      }
    }
  }

  public func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    try await onBlockingThread { () throws(BucketError) in
      try place(name) { temporary, target throws(SystemError) in
        try writeDurably(bytes, to: temporary)
        // Unlike a rename, a link never replaces.
        try SystemCalls.link(temporary, as: target)
      }
    }
  }

  public func upload(file source: String, to name: ObjectName) async throws(BucketError) {
    try await onBlockingThread { () throws(BucketError) in
      do throws(SystemError) {
        let file = try OpenFile(reading: source)
        guard try file.status().kind == .file else { throw SystemError(number: EISDIR) }
        try file.synchronize()
      } catch {
        throw BucketError(
          .permanent, .upload, object: path(name),
          detail: "cannot read the file to upload, \(source): \(error.message)")
      }
      try place(name) { temporary, target throws(SystemError) in
        do throws(SystemError) {
          try SystemCalls.link(source, as: temporary)
        } catch {
          guard Self.meansCopy.contains(error.number) else { throw error }
          try copyDurably(source, to: temporary)
        }
        try SystemCalls.rename(temporary, to: target)
      }
    }
  }

  /// Errors of `link` behind which a copy may still work: another file system, one without hard
  /// links, a file that has too many, or one of somebody else.
  private static let meansCopy: Set<CInt> = [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS, EACCES]

  /// Runs `fill` with a temporary path beside the object's own path, cleans up, and makes the new
  /// directory entry durable.
  private func place(
    _ name: ObjectName, _ fill: (String, String) throws(SystemError) -> Void
  ) throws(BucketError) {
    // A deletion may take away the directory that we just made sure of; then once more.
    for attempt in 1... {
      do throws(SystemError) {
        try refuseLinks(above: name)
        try makeDirectories(above: name)
        let temporary = path(name.parent) + "/" + Self.temporaryName()
        // Also after success: the rename of a second link to the same file leaves both names.
        defer { try? SystemCalls.unlink(temporary) }
        try fill(temporary, path(name))
        try OpenFile(reading: path(name.parent)).synchronize()
        return
      } catch {
        guard error.number == ENOENT, attempt < 4 else {
          throw placingError(error, name)
        }
      }
    }
  }

  private func placingError(_ error: SystemError, _ name: ObjectName) -> BucketError {
    switch error.number {
    case ENOTDIR:
      BucketError(
        .permanent, .upload, object: path(name), detail: "an object stands where a directory must")
    case EISDIR:
      BucketError(.permanent, .upload, object: path(name), detail: "it is a directory")
    default: bucketError(error, .upload, name)
    }
  }

  private func refuseLinks(above name: ObjectName) throws(SystemError) {
    var parent = name.parent
    while let directory = parent {
      if let status = try? SystemCalls.linkStatus(path(directory)), status.kind != .directory {
        throw SystemError(number: ENOTDIR)
      }
      parent = directory.parent
    }
  }

  /// Makes the directories an object needs, the bucket's own among them, durably.
  private func makeDirectories(above name: ObjectName) throws(SystemError) {
    try makeDirectory(path(name.parent))
  }

  private func makeDirectory(_ path: String) throws(SystemError) {
    if let status = try? SystemCalls.status(path) {
      guard status.kind == .directory else { throw SystemError(number: ENOTDIR) }
      return
    }
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      return try makeOneDirectory(path, in: "/")
    }
    let parent = String(path[..<slash])
    try makeDirectory(parent)
    try makeOneDirectory(path, in: parent)
  }

  private func makeOneDirectory(_ path: String, in parent: String) throws(SystemError) {
    do throws(SystemError) {
      try SystemCalls.makeDirectory(path)
    } catch {
      guard error.number == EEXIST else { throw error }
      return
    }
    try OpenFile(reading: parent).synchronize()
  }

  private func writeDurably(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let file = try OpenFile(creating: path)
    try file.write(bytes[...])
    try file.synchronize()
  }

  private func copyDurably(_ source: String, to path: String) throws(SystemError) {
    let file = try OpenFile(creating: path)
    try file.append(contentsOf: OpenFile(reading: source))
    try file.synchronize()
  }

  private static func temporaryName() -> String {
    temporaryPrefix + String(UInt64.random(in: 0 ... .max), radix: 36)
  }
}
