internal import Glibc

/// What is wrong with a block, and where.
///
/// Reads as one line: `index: series at offset 4720: checksum is 1a2b3c4d, stored is 1a2b3c4e`.
public struct BlockError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of failure. Grows over time; switch with a default.
  public struct Code: Equatable, Hashable, Sendable {
    /// The name for programs: `checksum-mismatch`.
    public let rawValue: String

    /// The file cannot be opened, read or mapped.
    public static let unreadable = Code(rawValue: "unreadable")
    /// A file or directory that a block needs is missing.
    public static let missing = Code(rawValue: "missing")
    /// The first bytes are not those of the format.
    public static let badMagic = Code(rawValue: "bad-magic")
    /// A version this library does not know.
    public static let unsupportedVersion = Code(rawValue: "unsupported-version")
    /// Bytes end before the value does.
    public static let truncated = Code(rawValue: "truncated")
    /// The stored checksum differs from that of the bytes.
    public static let checksumMismatch = Code(rawValue: "checksum-mismatch")
    /// The bytes cannot mean what stands here.
    public static let malformed = Code(rawValue: "malformed")
    /// A chunk encoding this library cannot decode.
    public static let unsupportedEncoding = Code(rawValue: "unsupported-encoding")
    /// A reference leads nowhere.
    public static let badReference = Code(rawValue: "bad-reference")
    /// What was to be written breaks a rule of the format.
    public static let invalidInput = Code(rawValue: "invalid-input")
    /// Writing failed.
    public static let unwritable = Code(rawValue: "unwritable")
    /// A regular expression or another part of a matcher is not valid.
    public static let invalidMatcher = Code(rawValue: "invalid-matcher")
    /// Something holds more than the format, or the caller's limit, allows.
    public static let limitExceeded = Code(rawValue: "limit-exceeded")

    /// Chunks of one series claim the same time.
    public static let overlap = Code(rawValue: "overlap")

    private init(rawValue: String) { self.rawValue = rawValue }
  }

  /// What kind of failure it is.
  public var code: Code
  /// The file, as given by the caller or relative to the block.
  public var path: String?
  /// The part of the file: `table of contents`, `symbols`, `series`, `postings`, `chunk`, …
  public var section: String?
  /// Byte offset in the file.
  public var offset: Int?
  /// What is wrong there, for people.
  public var detail: String?

  /// An error of a kind at a place, as much of it as is known.
  public init(
    _ code: Code, path: String? = nil, section: String? = nil, offset: Int? = nil,
    detail: String? = nil
  ) {
    self.code = code
    self.path = path
    self.section = section
    self.offset = offset
    self.detail = detail
  }

  /// File, section, offset and detail in one line.
  public var description: String {
    var line = ""
    if let path { line += "\(path): " }
    if let section { line += section }
    if let offset { line += section == nil ? "offset \(offset)" : " at offset \(offset)" }
    if section != nil || offset != nil { line += ": " }
    return line + (detail ?? code.rawValue)
  }

  /// The same error with the file named, unless it already is.
  public func inFile(_ path: String) -> BlockError {
    var copy = self
    copy.path = self.path ?? path
    return copy
  }

  /// An inner decoder's failure, put in its place.
  static func decoding(
    _ error: DecodeError, section: String, offset: Int, detail: String? = nil
  ) -> BlockError {
    let (code, reason): (Code, String) =
      switch error {
      case .truncated: (.truncated, "ends too early")
      case .overflow: (.malformed, "holds a number that is too large")
      case .malformed: (.malformed, "is malformed")
      case .unsupported: (.unsupportedEncoding, "has an encoding that cannot be decoded here")
      }
    return BlockError(code, section: section, offset: offset, detail: detail ?? reason)
  }

  static func checksum(
    computed: UInt32, stored: UInt32, section: String, offset: Int
  ) -> BlockError {
    BlockError(
      .checksumMismatch, section: section, offset: offset,
      detail: "checksum of the bytes is \(hex(computed)), stored is \(hex(stored))")
  }

  static func unreadable(_ path: String, _ operation: String, _ number: CInt) -> BlockError {
    BlockError(
      number == ENOENT ? .missing : .unreadable, path: path,
      detail: "cannot \(operation): \(systemMessage(number))")
  }

  static func unwritable(_ path: String, _ operation: String, _ number: CInt) -> BlockError {
    BlockError(.unwritable, path: path, detail: "cannot \(operation): \(systemMessage(number))")
  }
}

/// The system's text for an error number.
func systemMessage(_ number: CInt) -> String {
  // SAFETY: strerror returns a valid C string for every number.
  unsafe String(cString: strerror(number))
}

func hex(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
