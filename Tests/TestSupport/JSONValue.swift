internal import Foundation
internal import TSDBBlock

/// A JSON document of unknown shape. Integers keep all 64 bits, signed or unsigned.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int64)
  /// An integer beyond `Int64.max`.
  case uint(UInt64)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  public init(parsing bytes: [UInt8]) throws {
    let data = Data(bytes)
    if data.range(of: Self.leastIntegerDigits) == nil {
      self.init(any: try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed))
    } else {
      self.init(try RawJSON(parsing: bytes))
    }
  }

  /// Foundation's parser, much faster in a debug build than ours, takes integers near the least
  /// one for doubles.
  private static let leastIntegerDigits = Data("-9223372036854".utf8)

  private init(any value: Any) {
    switch value {
    case let text as String: self = .string(text)
    case let number as NSNumber: self.init(number)
    case let list as [Any]: self = .array(list.map { JSONValue(any: $0) })
    case let map as [String: Any]: self = .object(map.mapValues { JSONValue(any: $0) })
    default: self = .null
    }
  }

  private init(_ number: NSNumber) {
    switch UInt8(bitPattern: number.objCType.pointee) {
    case UInt8(ascii: "c"), UInt8(ascii: "B"): self = .bool(number.boolValue)
    case UInt8(ascii: "d"), UInt8(ascii: "f"): self = .double(number.doubleValue)
    case UInt8(ascii: "Q") where number.uint64Value > UInt64(Int64.max):
      self = .uint(number.uint64Value)
    default: self = .int(number.int64Value)
    }
  }

  private init(_ value: RawJSON) {
    switch value {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .number(let text): self.init(number: text)
    case .string(let bytes): self = .string(String(decoding: bytes, as: UTF8.self))
    case .array(let list): self = .array(list.map { JSONValue($0) })
    case .object(let members):
      var result: [String: JSONValue] = [:]
      for member in members {
        result[String(decoding: member.key, as: UTF8.self)] = JSONValue(member.value)
      }
      self = .object(result)
    }
  }

  private init(number text: String) {
    if let number = Int64(text) {
      self = .int(number)
    } else if let number = UInt64(text) {
      self = .uint(number)
    } else {
      self = Double(text).map { .double($0) } ?? .null
    }
  }
}

extension JSONValue {
  /// The member `key`, or null when this is no object or has none.
  public subscript(_ key: String) -> JSONValue {
    if case .object(let members) = self { members[key] ?? .null } else { .null }
  }

  /// The element at `index`, or null when this is no array or is shorter.
  public subscript(_ index: Int) -> JSONValue {
    if case .array(let list) = self, list.indices.contains(index) { list[index] } else { .null }
  }

  public var isNull: Bool { self == .null }

  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  public var int64: Int64? {
    if case .int(let number) = self { number } else { nil }
  }

  public var int: Int? { int64.map { Int($0) } }

  public var uint64: UInt64? {
    switch self {
    case .int(let number): UInt64(exactly: number)
    case .uint(let number): number
    default: nil
    }
  }

  public var double: Double? {
    switch self {
    case .double(let number): number
    case .int(let number): Double(number)
    case .uint(let number): Double(number)
    default: nil
    }
  }

  public var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  public var array: [JSONValue]? {
    if case .array(let list) = self { list } else { nil }
  }

  public var object: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }
}
