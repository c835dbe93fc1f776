internal import CRE2

/// A regular expression whose groups are put into texts, as Go's `Regexp.Expand` does it:
///
///     (.*)-(?P<zone>.*)     eu-a      $2.$zone.${1}x.$$     a.a.eux.$
///
/// Anchored at both ends, dot matches a newline. A name is as long as letters, digits and underscores
/// go; one that the pattern does not have stands for nothing.
@safe package final class RegexTemplate: @unchecked Sendable {
  // SAFETY: a compiled RE2 is immutable and safe to use from several threads; freed once in deinit.
  private let compiled: OpaquePointer
  private let groupCount: Int

  /// - Throws: ``BlockError`` with the code `invalidMatcher` and RE2's reason.
  package init(_ pattern: [UInt8]) throws(BlockError) {
    unsafe compiled = try unsafe RegexMatcher.compile(pattern, hasGroups: true)
    groupCount = Int(unsafe re2_pattern_group_count(compiled))
  }

  /// The groups of a match of all of `value`, the whole match first; empty where a group takes no
  /// part. Nil when the value does not match.
  ///
  /// - Complexity: linear in the value.
  package func match(_ value: [UInt8]) -> [[UInt8]]? {
    let count = groupCount + 1
    var begins = [Int](repeating: -1, count: count)
    var ends = [Int](repeating: -1, count: count)
    // SAFETY: the engine reads exactly the bytes of the array and writes `count` places of each list.
    let isMatch = unsafe value.withUnsafeBytes { text in
      unsafe re2_pattern_match_groups(
        compiled, text.bindMemory(to: CChar.self).baseAddress, text.count, &begins, &ends,
        Int32(count))
    }
    guard isMatch else { return nil }
    return zip(begins, ends).map { $0 < 0 ? [] : Array(value[$0..<$1]) }
  }

  /// `text` with the groups of a match put in.
  package func expand(_ text: [UInt8], _ groups: [[UInt8]]) -> [UInt8] {
    var output: [UInt8] = []
    var rest = text[...]
    while let sign = rest.firstIndex(of: UInt8(ascii: "$")) {
      output += rest[..<sign]
      rest = rest[(sign + 1)...]
      if rest.first == UInt8(ascii: "$") {
        output.append(UInt8(ascii: "$"))
        rest.removeFirst()
      } else if let name = Self.name(&rest) {
        output += group(name, groups)
      } else {
        output.append(UInt8(ascii: "$"))
      }
    }
    return output + rest
  }

  /// Takes the name behind a dollar sign; nil when there is none.
  private static func name(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let isBraced = rest.first == UInt8(ascii: "{")
    let body = isBraced ? rest.dropFirst() : rest
    let name = body.prefix { isWord($0) }
    guard !name.isEmpty else { return nil }
    var behind = body[name.endIndex...]
    if isBraced {
      guard behind.first == UInt8(ascii: "}") else { return nil }
      behind = behind.dropFirst()
    }
    rest = behind
    return name
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private func group(_ name: ArraySlice<UInt8>, _ groups: [[UInt8]]) -> [UInt8] {
    let isNumber = name.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let number: Int
    if isNumber {
      number = Int(String(decoding: name, as: UTF8.self)) ?? groups.count
    } else {
      // SAFETY: the call reads exactly the bytes of the slice.
      number = unsafe name.withUnsafeBytes { text in
        Int(
          unsafe re2_pattern_group_number(
            compiled, text.bindMemory(to: CChar.self).baseAddress, text.count))
      }
    }
    return groups.indices.contains(number) ? groups[number] : []
  }

  deinit {
    unsafe re2_pattern_free(compiled)
  }
}
