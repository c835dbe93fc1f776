/// A range of bytes in a file of a block, and what it means.
package struct ByteRegion: Equatable, Sendable {
  /// What kind of thing stands there. The names are for programs: never rename.
  package enum Kind: String, Sendable {
    case header
    case sectionHead = "section-head"
    case symbol
    case series
    case labelIndex = "label-index"
    case postings
    case tableEntry = "table-entry"
    case tableOfContents = "table-of-contents"
    case checksum
    case padding
    case chunk
    case tombstone
    /// Nothing that can be understood.
    case unknown
  }

  package var range: Range<Int>
  package var kind: Kind
  /// In a few words.
  package var meaning: String
  /// Why it is damaged; nil when it is sound or nothing protects it.
  package var damage: String?

  init(_ range: Range<Int>, _ kind: Kind, _ meaning: String, damage: String? = nil) {
    self.range = range
    self.kind = kind
    self.meaning = meaning
    self.damage = damage
  }
}

/// A part of a region.
package struct ByteField: Equatable, Sendable {
  package var range: Range<Int>
  package var name: String
  package var value: String

  init(_ range: Range<Int>, _ name: String, _ value: String) {
    self.range = range
    self.name = name
    self.value = value
  }
}

/// Who wants to see the regions of a file, in the order of their bytes. They cover the file without
/// gaps. What `visit` returns says whether to go on.
package typealias RegionVisitor = (ByteRegion) throws -> Bool

/// Which file of a block some bytes are.
package enum BlockFileKind: Sendable {
  case index, segment, tombstones

  /// By the first four bytes; nil when they are none of a block's.
  package init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= 4 else { return nil }
    switch bytes.bigEndianUInt32(at: 0) {
    case IndexFormat.magic: self = .index
    case SegmentFormat.magic: self = .segment
    case Tombstones.magic: self = .tombstones
    default: return nil
    }
  }
}
