internal import CRE2
internal import Glibc

/// A regular expression over label values: anchored at both ends, dot matches a newline, meaning
/// what Go's RE2 means, in time linear in the value.
///
/// Literals, sets of literals and the usual prefix and suffix shapes are answered without the
/// engine. A byte that is not UTF-8 counts as one U+FFFD, as in Go.
@safe public final class RegexMatcher: @unchecked Sendable {
  /// Longer patterns are refused: no one writes them, and a program grows with its pattern.
  static let patternByteLimit = 1 << 20

  // SAFETY: a compiled RE2 is immutable and safe to use from several threads; freed once in deinit.
  private let compiled: OpaquePointer
  private let shape: RegexShape

  /// - Throws: ``BlockError`` with the code `invalidMatcher` and RE2's reason.
  public init(_ pattern: [UInt8]) throws(BlockError) {
    unsafe compiled = try unsafe Self.compile(pattern, hasGroups: false)
    shape = RegexShape(pattern)
  }

  /// - Returns: to be freed by the caller.
  static func compile(
    _ pattern: [UInt8], hasGroups: Bool
  ) throws(BlockError) -> OpaquePointer {
    let compile = unsafe hasGroups ? re2_pattern_compile_groups : re2_pattern_compile
    guard pattern.count <= patternByteLimit else {
      throw BlockError(
        .invalidMatcher, detail: "regular expression has more than \(patternByteLimit) bytes")
    }
    guard let translated = RegexDialect.translate(pattern) else {
      throw BlockError(
        .invalidMatcher,
        detail: "regular expression \(LabelText.quoted(pattern)) is not valid: "
          + "\\C, or a group whose name is not made of ASCII letters, digits and underscores")
    }
    var reason = [CChar](repeating: 0, count: 256)
    // SAFETY: both buffers are valid for the lengths given.
    let result = unsafe translated.withUnsafeBytes { text in
      unsafe reason.withUnsafeMutableBufferPointer { error -> OpaquePointer? in
        guard let errorStart = error.baseAddress else { return nil }
        var nothing: CChar = 0
        guard let start = unsafe text.bindMemory(to: CChar.self).baseAddress else {
          return unsafe compile(&nothing, 0, errorStart, error.count)
        }
        return unsafe compile(start, text.count, errorStart, error.count)
      }
    }
    guard let result = unsafe result else {
      let text = String(
        decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw BlockError(
        .invalidMatcher,
        detail: "regular expression \(LabelText.quoted(pattern)) is not valid: \(text)")
    }
    return unsafe result
  }

  /// The values it can match at all, when these are a short list; sorted, distinct.
  public var setMatches: [[UInt8]]? {
    if case .set(let values) = shape { values } else { nil }
  }

  var matchesEverything: Bool { shape == .everything }

  /// Whether the pattern matches the whole value.
  public func matches(_ value: RawSpan) -> Bool {
    switch shape {
    case .everything: true
    case .nonEmpty: value.byteCount > 0
    case .set(let values): contains(values, value)
    case .prefix(let literal, let more): hasPrefix(value, literal, more)
    case .suffix(let literal, let more): hasSuffix(value, literal, more)
    case .general: engineMatches(value)
    }
  }

  /// Whether all of `value` matches.
  public func matches(_ value: [UInt8]) -> Bool { matches(value.rawSpan) }

  func engineMatches(_ value: RawSpan) -> Bool {
    guard isValidUTF8(value) else { return engineMatches(repaired(value).rawSpan, valid: true) }
    return engineMatches(value, valid: true)
  }

  private func engineMatches(_ value: RawSpan, valid: Bool) -> Bool {
    // SAFETY: the engine reads exactly the bytes of the span.
    unsafe value.withUnsafeBytes { text in
      unsafe re2_pattern_full_match(
        compiled, text.bindMemory(to: CChar.self).baseAddress, text.count)
    }
  }

  private func contains(_ values: [[UInt8]], _ value: RawSpan) -> Bool {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      let candidate = values[middle]
      let order = ByteOrder.compare(candidate.rawSpan, value)
      if order == 0 { return true }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return false
  }

  private func hasPrefix(_ value: RawSpan, _ literal: [UInt8], _ more: Bool) -> Bool {
    guard value.byteCount >= literal.count + (more ? 1 : 0) else { return false }
    return ByteOrder.equal(value.extracting(0..<literal.count), literal.rawSpan)
  }

  private func hasSuffix(_ value: RawSpan, _ literal: [UInt8], _ more: Bool) -> Bool {
    guard value.byteCount >= literal.count + (more ? 1 : 0) else { return false }
    let start = value.byteCount - literal.count
    return ByteOrder.equal(value.extracting(start..<value.byteCount), literal.rawSpan)
  }

  private func isValidUTF8(_ value: RawSpan) -> Bool {
    var ascii: UInt8 = 0
    for offset in 0..<value.byteCount { ascii |= value.byte(at: offset) }
    return ascii < 0x80 || String(validating: [UInt8](value), as: UTF8.self) != nil
  }

  private func repaired(_ value: RawSpan) -> [UInt8] {
    var pieces = UTF8Pieces([UInt8](value))
    var result: [UInt8] = []
    while let piece = pieces.next() {
      switch piece {
      case .scalar(let scalar): result.append(contentsOf: Array(String(scalar).utf8))
      case .invalid: result.append(contentsOf: [0xEF, 0xBF, 0xBD])
      }
    }
    return result
  }

  deinit {
    unsafe re2_pattern_free(compiled)
  }
}
