/// A StoreAPI request, encoded by hand: the generated messages are not public.
///
///     SeriesRequest       min_time 1 │ max_time 2 │ matchers 3 │ aggregates 5 │ skip_chunks 8
///                         response_batch_size 16
///     LabelMatcher        type 1 │ name 2 │ value 3
///     LabelValuesRequest  label 1 │ start 4 │ end 5
struct Request {
  enum Matcher {
    case equal(String, String)
    case notEqual(String, String)
    case matches(String, String)
  }

  private(set) var bytes: [UInt8] = []

  static func series(_ matchers: [Matcher], skipsChunks: Bool = false) -> [UInt8] {
    var request = Request()
    request.integer(2, 1 << 60)
    for matcher in matchers { request.message(3, Self.encoded(matcher)) }
    request.message(5, [0])
    if skipsChunks { request.integer(8, 1) }
    request.integer(16, 64)
    return request.bytes
  }

  static func labelValues(of label: String) -> [UInt8] {
    var request = Request()
    request.message(1, Array(label.utf8))
    request.integer(5, 1 << 60)
    return request.bytes
  }

  private static func encoded(_ matcher: Matcher) -> [UInt8] {
    let (type, name, value): (UInt64, String, String) =
      switch matcher {
      case .equal(let name, let value): (0, name, value)
      case .notEqual(let name, let value): (1, name, value)
      case .matches(let name, let value): (2, name, value)
      }
    var message = Request()
    message.integer(1, type)
    message.message(2, Array(name.utf8))
    message.message(3, Array(value.utf8))
    return message.bytes
  }

  private mutating func integer(_ field: UInt64, _ value: UInt64) {
    varint(field << 3)
    varint(value)
  }

  private mutating func message(_ field: UInt64, _ content: [UInt8]) {
    varint(field << 3 | 2)
    varint(UInt64(content.count))
    bytes += content
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
