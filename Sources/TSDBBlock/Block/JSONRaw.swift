/// A JSON document as it stands: members in their order, numbers as text, strings as bytes.
///
/// meta.json carries 64-bit integers, which do not fit a double, and keys of other programs, which
/// must survive unchanged.
public indirect enum RawJSON: Hashable, Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// The digits as written; `5`, `5.0` and `5e0` differ.
  case number(String)
  /// UTF-8.
  case string([UInt8])
  /// The elements of an array.
  case array([RawJSON])
  /// The members of an object, in their order; a key may occur twice.
  case object([Member])

  /// One `"key": value` of an object.
  public struct Member: Hashable, Sendable {
    /// UTF-8.
    public var key: [UInt8]
    /// The value.
    public var value: RawJSON

    /// A member with a key in UTF-8.
    public init(key: [UInt8], value: RawJSON) {
      self.key = key
      self.value = value
    }

    init(_ key: String, _ value: RawJSON) {
      self.init(key: Array(key.utf8), value: value)
    }
  }

  /// What the value is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }

  static func integer(_ value: some BinaryInteger) -> RawJSON { .number(String(value)) }

  static func text(_ value: some StringProtocol) -> RawJSON { .string(Array(value.utf8)) }

  /// The value as text on one line.
  public var compactBytes: [UInt8] { JSONWriter.bytes(of: self, layout: .compact) }

  /// The first value in `bytes`; what follows it is not looked at.
  ///
  /// - Throws: ``BlockError`` with the offset of the mistake.
  public init(parsing bytes: [UInt8]) throws(BlockError) {
    self = try JSONParser.parse(bytes)
  }
}
