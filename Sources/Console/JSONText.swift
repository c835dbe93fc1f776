package import TSDBBlock

/// Makers for JSON answers.
extension RawJSON {
  package static func count(_ value: some BinaryInteger) -> RawJSON { .number(String(value)) }

  package static func string(_ text: String) -> RawJSON { .string(Array(text.utf8)) }

  package static func object(_ members: KeyValuePairs<String, RawJSON?>) -> RawJSON {
    .object(
      members.compactMap { member in
        member.value.map { Member(key: Array(member.key.utf8), value: $0) }
      })
  }

  /// An object with a member for each label.
  package static func labels(_ pairs: [(name: [UInt8], value: [UInt8])]) -> RawJSON {
    .object(pairs.map { Member(key: $0.name, value: .string($0.value)) })
  }
}

/// What a JSON value says, nil where it says something else.
extension RawJSON {
  package subscript(key: String) -> RawJSON? {
    guard case .object(let members) = self else { return nil }
    let key = Array(key.utf8)
    return members.last { $0.key == key }?.value
  }

  package var int64: Int64? {
    guard case .number(let digits) = self else { return nil }
    return Int64(digits)
  }

  package var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  package var text: String? {
    guard case .string(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  package var elements: [RawJSON] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }
}
