/// What all parts of a scan look at and none changes.
struct ScanContext: Sendable {
  static let indexPath = "index"

  /// The index, mapped.
  let index: ByteSlice
  /// 1 or 2, as the reader takes it.
  let version: UInt8
  let symbols: ScannedSymbols
  let segments: [ScannedSegment]
  /// What meta.json says that every chunk is compared with.
  let stated: Stated?
  let depth: BlockScan.Depth

  struct Stated: Sendable {
    var minTime: Int64
    /// Exclusive.
    var maxTime: Int64
    /// Milliseconds.
    var resolution: Int64
  }

  init(
    index: ByteSlice, version: UInt8, symbols: ScannedSymbols, segments: [ScannedSegment],
    meta: BlockMeta?, depth: BlockScan.Depth
  ) {
    self.index = index
    self.version = version
    self.symbols = symbols
    self.segments = segments
    self.depth = depth
    stated = meta.map {
      Stated(minTime: $0.minTime, maxTime: $0.maxTime, resolution: $0.resolution)
    }
  }

  /// Bytes of the index by which the number of a series counts.
  var seriesUnit: Int { version == 1 ? 1 : IndexFormat.seriesAlignment }

  /// Where an entry may begin at `position` or behind it.
  func aligned(_ position: Int) -> Int {
    version == 1
      ? position : position + IndexFormat.padding(at: position, to: IndexFormat.seriesAlignment)
  }

  func ordinal(of reference: UInt32) -> Int? { symbols.ordinal(of: reference, version: version) }

  /// The body of what may be an entry at `position`, its checksum not compared yet.
  ///
  /// A body of no bytes has the checksum zero: that is padding, not an entry.
  func body(at position: Int, before end: Int) -> Range<Int>? {
    var cursor = ByteDecoder(index.bytes.extracting(0..<end), at: position)
    guard let body = try? cursor.lengthPrefixed(), !body.isEmpty, body.upperBound <= end - 4 else {
      return nil
    }
    return body
  }

  /// The body of the entry at `position`, when its checksum is right.
  func entry(at position: Int, before end: Int) -> Range<Int>? {
    let bytes = index.bytes
    guard let body = body(at: position, before: end),
      CRC32C(bytes.extracting(body)).value == bytes.bigEndianUInt32(at: body.upperBound)
    else { return nil }
    return body
  }

  /// The labels of a series, as far as they can be read.
  func describe(_ labels: ArraySlice<LabelReference>) -> String {
    let bytes = index.bytes
    var set = LabelSet()
    for label in labels {
      guard let name = ordinal(of: label.name), let value = ordinal(of: label.value) else {
        continue
      }
      set.append(
        name: bytes.extracting(symbols.ranges[name]), value: bytes.extracting(symbols.ranges[value])
      )
    }
    return set.description
  }

  /// How the labels of two series sort; nil when a label of either cannot be resolved.
  func compare(_ left: ArraySlice<LabelReference>, _ right: ArraySlice<LabelReference>) -> Int? {
    let bytes = index.bytes
    for (l, r) in zip(left, right) {
      for (a, b) in [(l.name, r.name), (l.value, r.value)] where a != b {
        guard let a = ordinal(of: a), let b = ordinal(of: b) else { return nil }
        let order =
          symbols.isSorted
          ? a - b
          : ByteOrder.compare(
            bytes.extracting(symbols.ranges[a]), bytes.extracting(symbols.ranges[b]))
        if order != 0 { return order }
      }
    }
    return left.count - right.count
  }
}

struct ScannedSegment: Sendable {
  var path: String
  var file: ByteSlice?
}
