public import ObjectStore
public import TSDBBlock

/// Publishes a block that lies in a local directory.
///
///     chunks/000001 … ─► index ─► sizes confirmed ─► meta.json
///
/// The block exists for readers from the moment meta.json does. An interrupted upload leaves a
/// partial block that readers ignore; uploading again replaces its files, or goes on with those
/// that are missing.
public struct BlockUpload: Sendable {
  /// The local directory of the block.
  public var directory: String
  /// What is to be published; must have a Thanos section with external labels.
  public var meta: BlockMeta
  /// All files but meta.json, relative to the directory, chunks first: name and size in bytes.
  public var files: [(path: String, size: Int)]
  /// What the files are hashed with for the list in meta.json.
  public var hashFunction = HashFunction.none
  /// Chunk files that are uploaded at once.
  public var fileConcurrency = 1
  /// Leaves out files that are in the bucket with their size: the same block, under the same
  /// identity, was being uploaded before.
  public var resumes = false
  /// Take a block although it has no external labels.
  public var allowsNoLabels = false

  public init(directory: String, meta: BlockMeta, files: [(path: String, size: Int)]) {
    self.directory = directory
    self.meta = meta
    self.files = files
  }

  /// Uploads the files, asks the bucket for their sizes, then publishes the meta.json with the list
  /// of files and the time.
  ///
  /// - Parameter now: Unix milliseconds.
  /// - Returns: the meta.json as published.
  public func run(
    to bucket: any Bucket, now: Int64
  ) async throws(BlockUploadError) -> BlockMeta {
    guard allowsNoLabels || !(meta.thanos?.labels ?? []).isEmpty else {
      throw .noExternalLabels(meta.id)
    }
    do {
      let (chunks, others) = (files.filter { isChunk($0.path) }, files.filter { !isChunk($0.path) })
      var hashes = try await inParallel(chunks, limit: fileConcurrency) {
        (file) async throws(BucketError) in try await upload(file, to: bucket)
      }
      for file in others { hashes.append(try await upload(file, to: bucket)) }
      try await confirm(in: bucket)
      let published = publishedMeta(zip(chunks + others, hashes), now: now)
      try await bucket.write(published.jsonBytes(), to: meta.id.object(BlockMeta.fileName))
      return published
    } catch let error as BlockUploadError {
      throw error
    } catch let error as BucketError {
      throw .bucket(error)
    } catch {
      throw .bucket(
        BucketError(.permanent, .upload, object: "\(meta.id)", detail: "\(error)"))
    }
  }

  private func isChunk(_ path: String) -> Bool { path.hasPrefix("\(BlockFiles.chunks)/") }

  /// - Returns: the file's hash, if one is wanted.
  private func upload(
    _ file: (path: String, size: Int), to bucket: any Bucket
  ) async throws(BucketError) -> ThanosMeta.File.Hash? {
    let object = try meta.id.object(file.path)
    let local = "\(directory)/\(file.path)"
    var hash: ThanosMeta.File.Hash?
    if hashFunction == .sha256 {
      hash = try await onBlockingThread { () throws(BucketError) in try FileHash.of(local) }
    }
    if resumes, let found = try? await bucket.attributes(object), found.size == file.size {
      return hash
    }
    try await bucket.upload(file: local, to: object)
    return hash
  }

  private func confirm(in bucket: any Bucket) async throws {
    for file in files {
      let size = try await bucket.attributes(meta.id.object(file.path)).size
      guard size == file.size else {
        throw BlockUploadError.sizeDiffers(
          meta.id, file: file.path, expected: file.size, actual: size)
      }
    }
  }

  private func publishedMeta(
    _ hashed: some Sequence<((path: String, size: Int), ThanosMeta.File.Hash?)>, now: Int64
  ) -> BlockMeta {
    var meta = meta
    meta.thanos?.list(
      hashed.map { ThanosMeta.File(path: $0.path, size: Int64($0.size), hash: $1) })
    meta.thanos?.segmentFiles = files.map(\.path).filter(isChunk)
      .map { String($0.dropFirst(BlockFiles.chunks.utf8.count + 1)) }
    meta.thanos?.uploadTime = UploadTime(milliseconds: now)
    return meta
  }
}

public enum BlockUploadError: Error, Equatable, Sendable, CustomStringConvertible {
  case bucket(BucketError)
  /// A block without external labels cannot be told from those of another Prometheus.
  case noExternalLabels(BlockID)
  case sizeDiffers(BlockID, file: String, expected: Int, actual: Int)

  public var description: String {
    switch self {
    case .bucket(let error): "\(error)"
    case .noExternalLabels(let id):
      "block \(id) has no external labels; set external_labels in Prometheus"
    case .sizeDiffers(let id, let file, let expected, let actual):
      "\(id)/\(file) has \(actual) bytes in the bucket, \(expected) were uploaded; try again"
    }
  }
}
