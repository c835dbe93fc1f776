internal import TSDBBlock

/// Makers for JSON answers.
extension RawJSON {
  static func count(_ value: some BinaryInteger) -> RawJSON { .number(String(value)) }

  static func string(_ text: String) -> RawJSON { .string(Array(text.utf8)) }

  static func object(_ members: KeyValuePairs<String, RawJSON?>) -> RawJSON {
    .object(
      members.compactMap { member in
        member.value.map { Member(key: Array(member.key.utf8), value: $0) }
      })
  }

  /// An object with a member for each label.
  static func labels(_ pairs: [(name: [UInt8], value: [UInt8])]) -> RawJSON {
    .object(pairs.map { Member(key: $0.name, value: .string($0.value)) })
  }
}
