/// The `thanos` section of a meta.json: what a block needs to live in a bucket.
///
///     version?, labels, downsample { resolution }, source, segment_files?,
///     files? [{ rel_path, size_bytes?, hash? { hashFunc, value } }],
///     rewrites? [{ sources?, deletions_applied?, relabels_applied? }],
///     index_stats { series_max_size?, chunk_max_size? }, extensions?, upload_time
public struct ThanosMeta: Equatable, Sendable {
  /// 0 means that the key was absent; the only other version is 1.
  public var version: Int64 = 0
  /// External labels, sorted by name. Bytes, not text: see ``Label``.
  public var labels: [Label] = []
  /// Milliseconds: 0 for raw blocks, 300,000 or 3,600,000 for downsampled ones.
  public var resolution: Int64 = 0
  /// The program that made the block: `sidecar`, `receive`, `ruler`, `compactor`, …
  public var source = ""
  /// Names of the files in chunks/.
  public var segmentFiles: [String] = []
  /// All files of the block, sorted by path.
  public var files: [File] = []
  /// What the block was rewritten for, the oldest first.
  public var rewrites: [Rewrite] = []
  /// Sizes within the index.
  public var indexStats = IndexStats()
  /// Free form; keys are sorted and numbers normalised as the reference does on reading.
  public var extensions: RawJSON?
  /// When the block came into the bucket.
  public var uploadTime: UploadTime = .zero
  /// Keys this library does not know; they are written again.
  public var unknown: [RawJSON.Member] = []
  /// Other keys inside `downsample`.
  public var unknownDownsample: [RawJSON.Member] = []

  /// A section without labels, of a raw block.
  public init() {}

  /// An external label.
  public struct Label: Hashable, Comparable, Sendable {
    /// Bytes of the name.
    public var name: [UInt8]
    /// Bytes of the value.
    public var value: [UInt8]

    /// A label of these bytes.
    public init(name: [UInt8], value: [UInt8]) {
      self.name = name
      self.value = value
    }

    /// By name, then by value, in byte order.
    public static func < (left: Self, right: Self) -> Bool {
      left.name == right.name
        ? left.value.lexicographicallyPrecedes(right.value)
        : left.name.lexicographicallyPrecedes(right.name)
    }
  }

  /// One file of the block.
  public struct File: Equatable, Sendable {
    /// Relative to the block's directory: `chunks/000001`.
    public var path: String
    /// 0 when unknown, as for meta.json itself.
    public var size: Int64
    /// Of its contents, when the uploader computed one.
    public var hash: Hash?
    /// Keys this library does not know; they are written again.
    public var unknown: [RawJSON.Member] = []

    /// A file with its size in bytes.
    public init(path: String, size: Int64, hash: Hash? = nil) {
      self.path = path
      self.size = size
      self.hash = hash
    }

    /// A hash of a file's contents.
    public struct Hash: Equatable, Sendable {
      /// `SHA256`.
      public var function: String
      /// Hexadecimal.
      public var value: String
      /// Keys this library does not know; they are written again.
      public var unknown: [RawJSON.Member] = []

      /// A hash by its function's name and in hexadecimal.
      public init(function: String, value: String) {
        self.function = function
        self.value = value
      }
    }
  }

  /// A rewrite the block went through.
  public struct Rewrite: Equatable, Sendable {
    /// The blocks that were rewritten.
    public var sources: [BlockID] = []
    /// The requests that were carried out.
    public var deletions: [Deletion] = []
    /// Relabel rules, as written.
    public var relabels: [RawJSON] = []
    /// Keys this library does not know; they are written again.
    public var unknown: [RawJSON.Member] = []

    /// A rewrite that did nothing.
    public init() {}
  }

  /// A request to delete samples.
  public struct Deletion: Equatable, Sendable {
    /// A list of `{Type, Name, Value}`, as written.
    public var matchers: RawJSON = .null
    /// A list of `{Mint, Maxt}`, as written.
    public var intervals: [RawJSON] = []
    /// The requester's name for it.
    public var requestID = ""
    /// Keys this library does not know; they are written again.
    public var unknown: [RawJSON.Member] = []

    /// A request for nothing.
    public init() {}
  }

  /// Sizes that let a reader fetch with one request.
  public struct IndexStats: Equatable, Sendable {
    /// Bytes of the largest series entry; 0 when unknown.
    public var seriesMaxSize: Int64 = 0
    /// Bytes of the largest chunk; 0 when unknown.
    public var chunkMaxSize: Int64 = 0
    /// Keys this library does not know; they are written again.
    public var unknown: [RawJSON.Member] = []

    /// Nothing known.
    public init() {}
  }
}
