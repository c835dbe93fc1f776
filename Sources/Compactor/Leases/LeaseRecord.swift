internal import TSDBBlock

/// What an object of a lease says.
///
///     {"holder": "host-1:/var/compact", "renewed": 1700000000000}
struct LeaseRecord: Equatable, Sendable {
  /// Who works: a host and its data directory.
  var holder: String
  /// Unix milliseconds.
  var renewed: Int64

  var bytes: [UInt8] {
    RawJSON.object([
      RawJSON.Member(key: Array("holder".utf8), value: .string(Array(holder.utf8))),
      RawJSON.Member(key: Array("renewed".utf8), value: .number(String(renewed))),
    ]).compactBytes
  }

  init(holder: String, renewed: Int64) {
    self.holder = holder
    self.renewed = renewed
  }

  /// Nil when the bytes are no such record.
  init?(_ bytes: [UInt8]) {
    guard case .object(let members)? = try? RawJSON(parsing: bytes) else { return nil }
    var holder: String?
    var renewed: Int64?
    for member in members {
      switch (String(decoding: member.key, as: UTF8.self), member.value) {
      case ("holder", .string(let text)): holder = String(decoding: text, as: UTF8.self)
      case ("renewed", .number(let digits)): renewed = Int64(digits)
      default: continue
      }
    }
    guard let holder, let renewed else { return nil }
    self.init(holder: holder, renewed: renewed)
  }
}
