extension BlockScan {
  /// One thing that is wrong or odd in a block.
  public struct Finding: Equatable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: String, Sendable {
      /// Something is unreadable, lost or wrong.
      case error
      /// Unusual, nothing is lost.
      case warning
    }

    /// A name for programs, never renamed: `index-checksum`, `chunk-times`, …
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
      /// The name.
      public let rawValue: String

      /// The code of that name.
      public init(rawValue: String) { self.rawValue = rawValue }

      init(_ rawValue: String) { self.rawValue = rawValue }

      /// The name.
      public var description: String { rawValue }
    }

    /// How bad it is.
    public var severity: Severity
    /// What kind of thing is wrong.
    public var code: Code
    /// Relative to the block: `index`, `chunks/000001`, `meta.json`, `tombstones`.
    public var path: String
    /// `symbols`, `series`, `postings`, `chunk`, … or nil when the file as a whole is meant.
    public var section: String?
    /// Byte offset in the file.
    public var offset: Int?
    /// What is wrong, for people.
    public var message: String

    package init(
      severity: Severity, code: Code, path: String, section: String? = nil, offset: Int? = nil,
      message: String
    ) {
      self.severity = severity
      self.code = code
      self.path = path
      self.section = section
      self.offset = offset
      self.message = message
    }

    /// One line: `error chunks/000001: chunk at offset 8: …`.
    public var description: String { "\(severity.rawValue) \(place): \(message)" }

    /// `chunks/000001: chunk at offset 8`.
    public var place: String {
      var text = path
      if let section { text += ": " + section }
      if let offset { text += " at offset \(offset)" }
      return text
    }
  }
}

extension BlockScan.Finding.Code {
  // For programs, never rename.
  static let metaUnreadable = Self("meta-unreadable")
  static let metaIdentity = Self("meta-identity")
  static let metaTimes = Self("meta-times")
  static let metaStats = Self("meta-stats")
  static let metaFiles = Self("meta-files")
  static let fileMissing = Self("file-missing")
  static let fileUnreadable = Self("file-unreadable")
  static let indexHeader = Self("index-header")
  static let indexTableOfContents = Self("index-toc")
  static let indexSymbols = Self("index-symbols")
  static let symbolsOrder = Self("symbols-order")
  static let seriesEntry = Self("series-entry")
  static let seriesOrder = Self("series-order")
  static let seriesDuplicate = Self("series-duplicate")
  static let seriesLabels = Self("series-labels")
  static let labelsOrder = Self("labels-order")
  static let labelsEmptyValue = Self("labels-empty-value")
  static let seriesWithoutChunks = Self("series-without-chunks")
  static let chunksOrder = Self("chunks-order")
  static let chunkRange = Self("chunk-outside-range")
  static let postingsTable = Self("postings-table")
  static let postingsTableOrder = Self("postings-table-order")
  static let postingsList = Self("postings-list")
  static let postingsOrder = Self("postings-order")
  static let postingsReference = Self("postings-reference")
  static let postingsMissing = Self("postings-missing")
  static let postingsEmpty = Self("postings-empty")
  static let labelOffsetTable = Self("label-offset-table")
  static let segmentHeader = Self("segment-header")
  static let chunkMissing = Self("chunk-missing")
  static let chunkRecord = Self("chunk-record")
  static let chunkEncoding = Self("chunk-encoding")
  static let chunkSamples = Self("chunk-samples")
  static let chunkTimes = Self("chunk-times")
  static let chunkShared = Self("chunk-shared")
  static let segmentUnreferenced = Self("segment-unreferenced")
  static let tombstones = Self("tombstones")
  static let tombstonesSeries = Self("tombstones-series")
  static let aggregateIncomplete = Self("aggregate-incomplete")
}

extension BlockScan {
  /// Notes a finding of somebody who knows more than the files.
  package mutating func add(_ finding: Finding) { log.add(finding) }
}
