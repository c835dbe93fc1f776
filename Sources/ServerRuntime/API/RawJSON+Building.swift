package import TSDBBlock

extension RawJSON {
  /// An object with these members, in this order.
  package static func object(_ members: KeyValuePairs<String, RawJSON>) -> RawJSON {
    .object(members.map { Member(key: Array($0.key.utf8), value: $0.value) })
  }

  package static func text(_ text: String) -> RawJSON { .string(Array(text.utf8)) }

  package static func number(_ number: Int) -> RawJSON { .number(String(number)) }

  /// Rounded to thousandths, which is enough for people and short.
  package static func number(_ number: Double) -> RawJSON {
    guard number.isFinite, number.magnitude < 1e15 else { return .null }
    let thousandths = (number * 1000).rounded()
    let whole = Int64(thousandths / 1000)
    return thousandths == Double(whole) * 1000
      ? .number(String(whole)) : .number("\(thousandths / 1000)")
  }
}
