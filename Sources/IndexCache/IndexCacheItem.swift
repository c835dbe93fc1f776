/// A part of a block's index that is worth keeping.
public enum IndexCacheItem: Sendable {
  /// The list of a label pair, in the form of ``PostingsCodec``.
  case postings(name: [UInt8], value: [UInt8])
  /// The series that a set of matchers selects, in the form of ``PostingsCodec``.
  ///
  /// Make it with ``expandedPostings(of:)``, which knows the text of matchers.
  case expandedPostings(matchers: String)
  /// A series entry without its length and its checksum, by its byte offset in the index.
  case series(offset: Int)

  /// What kind of part an item is; the raw value is the label `item_type` of metrics and the word in
  /// `enabled_items` of the configuration.
  public enum Kind: String, CaseIterable, Sendable {
    case postings = "Postings"
    case expandedPostings = "ExpandedPostings"
    case series = "Series"

    /// Place of the kind in tables of counts.
    var index: Int {
      switch self {
      case .postings: 0
      case .expandedPostings: 1
      case .series: 2
      }
    }
  }

  /// The kind of part.
  public var kind: Kind {
    switch self {
    case .postings: .postings
    case .expandedPostings: .expandedPostings
    case .series: .series
    }
  }
}

// Strings of one canonical form are equal in Swift though they select different series, so texts
// are compared by their bytes.
extension IndexCacheItem: Hashable {
  public static func == (left: IndexCacheItem, right: IndexCacheItem) -> Bool {
    switch (left, right) {
    case (.postings(let name, let value), .postings(let otherName, let otherValue)):
      name == otherName && value == otherValue
    case (.expandedPostings(let text), .expandedPostings(let other)):
      text.utf8.elementsEqual(other.utf8)
    case (.series(let offset), .series(let other)): offset == other
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .postings(let name, let value):
      hasher.combine(name.count)
      Self.combine(name, into: &hasher)
      Self.combine(value, into: &hasher)
    case .expandedPostings(var text):
      hasher.combine(-1)
      // SAFETY: the hasher reads the bytes of the text only.
      text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    case .series(let offset):
      hasher.combine(-2)
      hasher.combine(offset)
    }
  }

  /// All bytes in one step; an array would hash them one by one.
  private static func combine(_ bytes: [UInt8], into hasher: inout Hasher) {
    // SAFETY: the hasher reads the bytes of the array only.
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}
