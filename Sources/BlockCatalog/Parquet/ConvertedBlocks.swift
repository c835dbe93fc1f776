public import Logging
public import ObjectStore
internal import Synchronization
internal import TSDBBlock

/// Which blocks were converted, as the bucket of converted blocks tells: every `meta.pb` in it, at any
/// depth, names the blocks it was made from.
///
/// A file is read again only when its size or time changed. While the bucket cannot be seen as a
/// whole, what was known stays: a block more or less changes no answer for long, but without this
/// every hiccup would load all converted blocks.
public final class ConvertedBlocks: Sendable {
  /// A meta.pb names some blocks; this is far beyond.
  private static let maximumByteCount = 16 << 20

  private struct File {
    var version: FileVersion
    var sources: Set<BlockID>
  }

  private let bucket: any Bucket
  private let concurrency: Int
  private let logger: Logger
  private let files = Mutex<[ObjectName: File]>([:])

  /// - Parameter concurrency: files read at the same time.
  public init(bucket: any Bucket, concurrency: Int, logger: Logger) {
    self.bucket = bucket
    self.concurrency = concurrency
    self.logger = logger
  }

  /// Blocks that some converted block was made from, as seen last.
  var sources: Set<BlockID> {
    files.withLock { $0.values.reduce(into: []) { $0.formUnion($1.sources) } }
  }

  /// Looks at the bucket. What cannot be seen is logged, and stays as it was.
  func refresh() async {
    do throws(BucketError) {
      let known = files.withLock { $0 }
      let objects = try await bucket.list(nil, recursive: true).filter {
        !$0.isDirectory && $0.name.lastComponent == ParquetMeta.fileName
      }
      let read = try await inParallel(objects, limit: concurrency) {
        [self] (object) async throws(BucketError) -> (ObjectName, File) in
        let version = FileVersion(object)
        if let file = known[object.name], file.version == version { return (object.name, file) }
        return (object.name, File(version: version, sources: try await sources(of: object)))
      }
      files.withLock { $0 = Dictionary(read, uniquingKeysWith: { first, _ in first }) }
    } catch {
      logger.warning(
        "converted blocks cannot be seen; those known before stay hidden",
        metadata: ["error": "\(error)"])
    }
  }

  private func sources(of object: ListedObject) async throws(BucketError) -> Set<BlockID> {
    func wrong(_ detail: String) -> BucketError {
      BucketError(.permanent, .get, object: object.name.text, detail: detail)
    }
    guard object.size <= Self.maximumByteCount else {
      throw wrong("larger than \(Self.maximumByteCount) bytes")
    }
    let bytes = try await bucket.read(object.name)
    do throws(DecodeError) {
      return try ParquetMeta(bytes).sources
    } catch {
      throw wrong("not the metadata of a converted block (\(error))")
    }
  }
}
