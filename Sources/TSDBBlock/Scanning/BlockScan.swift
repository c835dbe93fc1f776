/// Everything that can be said about a block that may be broken.
///
/// A scan reads every byte that means something: header, table of contents, symbols, every series
/// entry, every postings list, every chunk, tombstones and meta.json, and compares each with the
/// others. It never throws on content and does not stop at the first damage; what is wrong becomes
/// a ``Finding``. Memory grows with the series (about 8 bytes a label) and not with the chunks.
public struct BlockScan: Sendable {
  /// The directory of the block, as given.
  public let directory: String
  /// Nil when meta.json is missing or cannot be understood.
  public internal(set) var meta: BlockMeta?
  /// Files of the block with their sizes, sorted by path.
  public internal(set) var files: [File] = []
  /// The byte in the index's header; nil when the file is too short to have one.
  public internal(set) var indexVersion: UInt8?
  /// The parts of the index, in the order of the file.
  public internal(set) var sections: [Section] = []
  /// What could be read.
  public internal(set) var contents = Contents()
  /// Which labels make the block large.
  public internal(set) var cardinality = Cardinality()
  /// What is wrong, in the order found; of each code at most ``findingsPerCode`` are kept.
  public var findings: [Finding] { log.findings }
  /// How often each code was found, kept or not.
  public var findingCounts: [Finding.Code: Int] { log.counts }
  var log = FindingLog()
  /// How far the chunks were read.
  public let depth: Depth

  /// Findings of one code beyond this are only counted.
  public static let findingsPerCode = 100

  /// Scans the block in `directory`.
  ///
  /// - Parameters:
  ///   - depth: whether samples are decoded, which takes most of the time.
  ///   - threads: that work at the same time at most; what is found does not depend on it.
  /// - Complexity: O(bytes of the block).
  public init(directory: String, depth: Depth = .samples, threads: Int = 1) {
    var scanner = BlockScanner(
      scan: BlockScan(empty: directory, depth), threads: max(1, threads))
    scanner.run()
    self = scanner.scan
  }

  init(empty directory: String, _ depth: Depth) {
    self.directory = directory
    self.depth = depth
  }

  /// Whether something is lost, unreadable or wrong.
  public var isDamaged: Bool { log.hasErrors }

  /// How far a scan reads into chunks.
  public enum Depth: Sendable {
    /// To their checksums: what was written is what is read.
    case checksums
    /// To every sample, whose times are compared with each other and with the index: what was
    /// written makes sense.
    case samples
  }

  /// A file of the block.
  public struct File: Equatable, Sendable {
    /// Relative to the block.
    public var path: String
    /// Bytes.
    public var size: Int
  }

  /// A part of the index file.
  public struct Section: Equatable, Sendable {
    /// `symbols`, `series`, `postings`, …
    public var name: String
    /// Byte offset in the file.
    public var offset: Int
    /// Bytes.
    public var length: Int
    /// Symbols, series or lists in it; nil where nothing is counted.
    public var entries: Int?
    /// Whether it is sound.
    public var state: State

    /// Whether a section is sound.
    public enum State: String, Sendable {
      /// All checksums are right.
      case ok
      /// A checksum is wrong or the part cannot be walked through.
      case damaged
      /// No reader uses this part, or nothing protects it.
      case unchecked
    }
  }

  /// What the readable part of the block holds.
  public struct Contents: Equatable, Sendable {
    /// Series.
    public var series = 0
    /// Chunks that series refer to.
    public var chunks = 0
    /// Of downsampled chunks the samples of the count aggregate.
    public var samples = 0
    /// Strings in the symbol table.
    public var symbols = 0
    /// Postings lists, with the one of all series.
    public var postingsLists = 0
    /// Label pairs of all series.
    public var labelPairs = 0
    /// Closed intervals in the tombstones file.
    public var tombstones = 0
    /// First and last time the index states, both inclusive.
    public var minTime: Int64?
    /// The last one.
    public var maxTime: Int64?
    /// The chunks by encoding, in the order of the bytes.
    public internal(set) var encodings: [Encoding] = []

    /// The chunks of one encoding.
    public struct Encoding: Equatable, Sendable {
      /// The encoding.
      public var encoding: ChunkEncoding
      /// Chunks.
      public var chunks = 0
      /// Samples in them.
      public var samples = 0
      /// Payload bytes.
      public var bytes = 0
    }
  }
}
