/// A record of a service: a server that offers it.
struct ServiceRecord: Hashable, Sendable {
  let target: String
  let port: Int
}

/// Reads service records out of the answer of a name server.
///
///     ┌ id, flags, counts of questions, answers, … 12 ┬ questions ┬ answers ┬ …
///     answer    name · type u16 · class u16 · ttl u32 · length u16 · data
///     data      priority u16 · weight u16 · port u16 · target
///     name      (length u8, bytes)* 0, or a pointer 0xC000 | offset in place of its end
///
/// Source: RFC 1035, RFC 2782.
struct ServiceRecords {
  private let bytes: [UInt8]
  private var position = 0

  private static let serviceType = 33
  private static let internetClass = 1
  /// Longer names do not exist.
  private static let nameLimit = 255

  /// The records of an answer; nil when it is damaged.
  static func read(_ bytes: [UInt8]) -> [ServiceRecord]? {
    var reader = ServiceRecords(bytes: bytes)
    return reader.records()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func records() -> [ServiceRecord]? {
    guard bytes.count >= 12 else { return nil }
    position = 4
    guard let questions = uint16(), let answers = uint16() else { return nil }
    position = 12
    for _ in 0..<questions {
      guard name() != nil, skip(4) else { return nil }
    }
    var records: [ServiceRecord] = []
    for _ in 0..<answers {
      guard name() != nil, let type = uint16(), let `class` = uint16(), skip(4),
        let length = uint16(), length <= bytes.count - position
      else { return nil }
      let end = position + length
      if type == Self.serviceType, `class` == Self.internetClass {
        guard skip(4), let port = uint16(), let target = name(), position <= end else { return nil }
        // A lone dot: the service is decidedly not there.
        if !target.isEmpty, port > 0 { records.append(ServiceRecord(target: target, port: port)) }
      }
      position = end
    }
    return records
  }

  private mutating func uint16() -> Int? {
    guard bytes.count - position >= 2 else { return nil }
    defer { position += 2 }
    return Int(bytes[position]) << 8 | Int(bytes[position + 1])
  }

  private mutating func skip(_ count: Int) -> Bool {
    guard bytes.count - position >= count else { return false }
    position += count
    return true
  }

  /// The name at the position, without the last dot.
  private mutating func name() -> String? {
    var text: [UInt8] = []
    var place = position
    // Where the name ends for whoever reads on, once a pointer was followed.
    var end: Int?
    while place < bytes.count {
      let length = Int(bytes[place])
      switch length >> 6 {
      case 0:
        if length == 0 {
          position = end ?? place + 1
          return String(decoding: text, as: UTF8.self)
        }
        guard length < bytes.count - place, text.count + length + 1 <= Self.nameLimit
        else { return nil }
        if !text.isEmpty { text.append(UInt8(ascii: ".")) }
        for byte in bytes[place + 1...place + length] {
          guard (0x21..<0x7F).contains(byte) else { return nil }
          text.append(byte)
        }
        place += length + 1
      case 3:
        guard place + 1 < bytes.count else { return nil }
        let target = (length & 0x3F) << 8 | Int(bytes[place + 1])
        // Pointers lead back, or they could lead in a circle.
        guard target < place else { return nil }
        if end == nil { end = place + 2 }
        place = target
      default: return nil
      }
    }
    return nil
  }
}
