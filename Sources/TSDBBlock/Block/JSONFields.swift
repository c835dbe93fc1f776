/// The members of one object, taken one known key at a time; what remains is unknown.
///
/// Follows Go's decoder: keys match in any case, the last of equal keys wins, `null` is the same as
/// absent, a number must be written as an integer where one is wanted.
struct JSONFields {
  /// Members nobody took, in their order.
  private(set) var unknown: [RawJSON.Member]
  /// Where the object stands, for messages: `thanos.files[2]`.
  private let path: String

  init(_ value: RawJSON, path: String) throws(BlockError) {
    self.path = path
    switch value {
    case .object(let members): unknown = members
    case .null: unknown = []
    default: throw Self.failure(path, "must be an object, not \(value.kind)")
    }
  }

  /// The value of `key`, which then counts as known. Nil when absent or null.
  mutating func take(_ key: String) -> RawJSON? {
    var found: RawJSON?
    unknown.removeAll { member in
      guard Self.matches(member.key, key) else { return false }
      if member.value != .null { found = member.value }
      return true
    }
    return found
  }

  mutating func integer<Value: FixedWidthInteger>(_ key: String) throws(BlockError) -> Value? {
    guard let value = take(key) else { return nil }
    guard case .number(let digits) = value, let number = Value(digits) else {
      throw failure(key, "must be an integer of \(Value.bitWidth) bits")
    }
    return number
  }

  mutating func bool(_ key: String) throws(BlockError) -> Bool? {
    guard let value = take(key) else { return nil }
    guard case .bool(let flag) = value else {
      throw failure(key, "must be true or false, not \(value.kind)")
    }
    return flag
  }

  mutating func bytes(_ key: String) throws(BlockError) -> [UInt8]? {
    guard let value = take(key) else { return nil }
    guard case .string(let bytes) = value else {
      throw failure(key, "must be a string, not \(value.kind)")
    }
    return bytes
  }

  mutating func text(_ key: String) throws(BlockError) -> String? {
    try bytes(key).map { String(decoding: $0, as: UTF8.self) }
  }

  mutating func blockID(_ key: String) throws(BlockError) -> BlockID? {
    guard let text = try text(key) else { return nil }
    guard let id = BlockID(ignoringCase: text) else {
      throw failure(key, "must be a ULID of 26 characters")
    }
    return id
  }

  mutating func object(_ key: String) throws(BlockError) -> JSONFields? {
    guard let value = take(key) else { return nil }
    return try JSONFields(value, path: name(of: key))
  }

  /// The elements of a list, each read by `read`, which gets the element's place for messages.
  mutating func list<Element>(
    _ key: String, _ read: (RawJSON, String) throws(BlockError) -> Element
  ) throws(BlockError) -> [Element] {
    guard let value = take(key) else { return [] }
    guard case .array(let elements) = value else {
      throw failure(key, "must be a list, not \(value.kind)")
    }
    var result: [Element] = []
    for (index, element) in elements.enumerated() {
      result.append(try read(element, "\(name(of: key))[\(index)]"))
    }
    return result
  }

  mutating func texts(_ key: String) throws(BlockError) -> [String] {
    try list(key) { (value, path) throws(BlockError) -> String in
      guard case .string(let bytes) = value else { throw Self.failure(path, "must be a string") }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  mutating func blockIDs(_ key: String) throws(BlockError) -> [BlockID] {
    try list(key) { (value, path) throws(BlockError) -> BlockID in
      guard case .string(let bytes) = value,
        let id = BlockID(ignoringCase: String(decoding: bytes, as: UTF8.self))
      else { throw Self.failure(path, "must be a ULID of 26 characters") }
      return id
    }
  }

  func failure(_ key: String, _ detail: String) -> BlockError {
    Self.failure(name(of: key), detail)
  }

  private func name(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  static func failure(_ path: String, _ detail: String) -> BlockError {
    BlockError(.malformed, section: path.isEmpty ? nil : path, detail: detail)
  }

  private static func matches(_ bytes: [UInt8], _ key: String) -> Bool {
    bytes.count == key.utf8.count
      && zip(bytes, key.utf8).allSatisfy { lowercase($0) == lowercase($1) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}

/// Collects the members of one object in the order of writing.
struct JSONObjectBuilder {
  private var members: [RawJSON.Member] = []

  mutating func add(_ key: String, _ value: RawJSON) {
    members.append(RawJSON.Member(key, value))
  }

  /// Leaves the member out when it is zero, as Go's `omitempty` does.
  mutating func addUnlessZero(_ key: String, _ value: some BinaryInteger) {
    if value != 0 { add(key, .integer(value)) }
  }

  mutating func addUnlessFalse(_ key: String, _ value: Bool) {
    if value { add(key, .bool(true)) }
  }

  mutating func addUnlessEmpty(_ key: String, _ value: String) {
    if !value.isEmpty { add(key, .text(value)) }
  }

  mutating func addUnlessEmpty(_ key: String, _ value: [RawJSON]) {
    if !value.isEmpty { add(key, .array(value)) }
  }

  /// The object, unknown members last.
  func object(unknown: [RawJSON.Member]) -> RawJSON { .object(members + unknown) }
}
