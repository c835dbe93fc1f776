import Testing

@testable import TSDBBlock

@Suite struct RegexDialectTests {
  static func translated(_ pattern: String) -> String? {
    RegexDialect.translate(Array(pattern.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    ("(?<n>a)", "(?P<n>a)"), ("((?<n>a)|b)", "((?P<n>a)|b)"), (#"\(?<n>"#, #"\(?<n>"#),
    ("[(?<n>]", "[(?<n>]"), ("[](?<n>]", "[](?<n>]"), ("[^](?<n>]", "[^](?<n>]"),
    (#"[\](?<n>]"#, #"[\](?<n>]"#), ("[[:alpha:](?<n>]", "[[:alpha:](?<n>]"),
    (#"\Q(?<n>\C\E(?<n>a)"#, #"\Q(?<n>\C\E(?P<n>a)"#), (#"\\C"#, #"\\C"#), (#"a\"#, #"a\"#),
    ("[a", "[a"), ("[[:", "[[:"), (#"\Qabc"#, #"\Qabc"#), ("(?:a)", "(?:a)"),
  ])
  func `groups get the engine's spelling and all else stays`(pattern: String, expected: String) {
    #expect(Self.translated(pattern) == expected)
  }

  @Test(arguments: [#"\C"#, #"a\Cb"#, #"[\C]"#, "(?P<é>a)", "(?<a-b>a)", "(?<=a)b", "(?<!a)b"])
  func `what Go refuses is refused`(pattern: String) {
    #expect(Self.translated(pattern) == nil)
  }
}
