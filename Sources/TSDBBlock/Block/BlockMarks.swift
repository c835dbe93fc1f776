/// The marks that lie beside a block's meta.json. One line of JSON, without line feed:
///
///     deletion-mark.json       { id, version: 1, details?, deletion_time }
///     no-compact-mark.json     { id, version: 1, details?, no_compact_time, reason }
///     no-downsample-mark.json  { id, version: 1, details?, no_downsample_time, reason }
///
/// Times are Unix seconds.
public protocol BlockMark: Equatable, Sendable {
  /// The name of the file in the block's directory.
  static var fileName: String { get }

  /// - Throws: ``BlockError`` that names the file; `unsupportedVersion` for a version other than 1.
  init(json bytes: [UInt8]) throws(BlockError)

  /// The contents of the file.
  func jsonBytes() -> [UInt8]
}

/// The block is to be deleted some time after ``time``.
public struct DeletionMark: BlockMark {
  /// The name of the file in the block's directory.
  public static let fileName = "deletion-mark.json"

  /// The block that is marked.
  public var id: BlockID
  /// A word for people, may be empty.
  public var details: String
  /// Unix seconds.
  public var time: Int64
  /// Keys this library does not know; they are written again.
  public var unknown: [RawJSON.Member] = []

  /// A mark made at `time`, in Unix seconds.
  public init(id: BlockID, details: String = "", time: Int64) {
    self.id = id
    self.details = details
    self.time = time
  }

  /// Reads the contents of the file.
  ///
  /// - Throws: ``BlockError`` that names the file; `unsupportedVersion` for a version other than 1.
  public init(json bytes: [UInt8]) throws(BlockError) {
    let parts = try MarkParts(
      json: bytes, timeKey: "deletion_time", hasReason: false, Self.fileName)
    self.init(id: parts.id, details: parts.details, time: parts.time)
    unknown = parts.unknown
  }

  /// The contents of the file.
  public func jsonBytes() -> [UInt8] {
    MarkParts(id: id, details: details, time: time, reason: nil, unknown: unknown)
      .jsonBytes(timeKey: "deletion_time")
  }
}

/// Why a mark was written. On disk, never rename.
public enum MarkReason {
  /// Somebody wanted it.
  public static let manual = "manual"
  /// The index of the merged block would be too large.
  public static let indexSizeExceeding = "index-size-exceeding"
  /// The block has chunks out of order.
  public static let outOfOrderChunks = "block-index-out-of-order-chunk"
  /// The block is downsampled and overlaps others, which cannot be merged.
  public static let downsampleVerticalCompaction = "downsample-vertical-compaction"
  /// Not known to Thanos, which heeds marks whatever their reason.
  public static let damaged = "block-damaged"
}

/// The block takes no part in compaction.
public struct NoCompactMark: BlockMark {
  /// The name of the file in the block's directory.
  public static let fileName = "no-compact-mark.json"

  /// The block that is marked.
  public var id: BlockID
  /// A word for people, may be empty.
  public var details: String
  /// Unix seconds.
  public var time: Int64
  /// See ``MarkReason``.
  public var reason: String
  /// Keys this library does not know; they are written again.
  public var unknown: [RawJSON.Member] = []

  /// A mark made at `time`, in Unix seconds.
  public init(id: BlockID, details: String = "", time: Int64, reason: String) {
    self.id = id
    self.details = details
    self.time = time
    self.reason = reason
  }

  /// Reads the contents of the file.
  ///
  /// - Throws: ``BlockError`` that names the file; `unsupportedVersion` for a version other than 1.
  public init(json bytes: [UInt8]) throws(BlockError) {
    let parts = try MarkParts(
      json: bytes, timeKey: "no_compact_time", hasReason: true, Self.fileName)
    self.init(
      id: parts.id, details: parts.details, time: parts.time, reason: parts.reason ?? "")
    unknown = parts.unknown
  }

  /// The contents of the file.
  public func jsonBytes() -> [UInt8] {
    MarkParts(id: id, details: details, time: time, reason: reason, unknown: unknown)
      .jsonBytes(timeKey: "no_compact_time")
  }
}

/// The block is not downsampled.
public struct NoDownsampleMark: BlockMark {
  /// The name of the file in the block's directory.
  public static let fileName = "no-downsample-mark.json"

  /// The block that is marked.
  public var id: BlockID
  /// A word for people, may be empty.
  public var details: String
  /// Unix seconds.
  public var time: Int64
  /// See ``MarkReason``.
  public var reason: String
  /// Keys this library does not know; they are written again.
  public var unknown: [RawJSON.Member] = []

  /// A mark made at `time`, in Unix seconds.
  public init(id: BlockID, details: String = "", time: Int64, reason: String) {
    self.id = id
    self.details = details
    self.time = time
    self.reason = reason
  }

  /// Reads the contents of the file.
  ///
  /// - Throws: ``BlockError`` that names the file; `unsupportedVersion` for a version other than 1.
  public init(json bytes: [UInt8]) throws(BlockError) {
    let parts = try MarkParts(
      json: bytes, timeKey: "no_downsample_time", hasReason: true, Self.fileName)
    self.init(
      id: parts.id, details: parts.details, time: parts.time, reason: parts.reason ?? "")
    unknown = parts.unknown
  }

  /// The contents of the file.
  public func jsonBytes() -> [UInt8] {
    MarkParts(id: id, details: details, time: time, reason: reason, unknown: unknown)
      .jsonBytes(timeKey: "no_downsample_time")
  }
}

/// What the three kinds of marks have in common.
private struct MarkParts {
  var id: BlockID
  var details: String
  var time: Int64
  var reason: String?
  var unknown: [RawJSON.Member]

  init(id: BlockID, details: String, time: Int64, reason: String?, unknown: [RawJSON.Member]) {
    self.id = id
    self.details = details
    self.time = time
    self.reason = reason
    self.unknown = unknown
  }

  init(
    json bytes: [UInt8], timeKey: String, hasReason: Bool, _ fileName: String
  ) throws(BlockError) {
    do throws(BlockError) {
      var fields = try JSONFields(RawJSON(parsing: bytes), path: "")
      let version: Int64 = try fields.integer("version") ?? 0
      guard version == 1 else {
        throw BlockError(
          .unsupportedVersion, section: "version", detail: "is \(version), only 1 is known")
      }
      id = try fields.blockID("id") ?? .zero
      details = try fields.text("details") ?? ""
      time = try fields.integer(timeKey) ?? 0
      reason = hasReason ? try fields.text("reason") : nil
      unknown = fields.unknown
    } catch {
      throw error.inFile(fileName)
    }
  }

  func jsonBytes(timeKey: String) -> [UInt8] {
    var object = JSONObjectBuilder()
    object.add("id", .text(id.description))
    object.add("version", .integer(1))
    object.addUnlessEmpty("details", details)
    object.add(timeKey, .integer(time))
    if let reason { object.add("reason", .text(reason)) }
    return JSONWriter.bytes(of: object.object(unknown: unknown), layout: .compact)
  }
}
