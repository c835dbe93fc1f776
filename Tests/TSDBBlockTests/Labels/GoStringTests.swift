import TSDBBlock
import Testing

@Suite struct GoStringTests {
  @Test(arguments: [
    ("", #""""#), ("a b", #""a b""#), ("\"\\", #""\"\\""#),
    ("\u{7}\u{8}\t\n\u{B}\u{C}\r", #""\a\b\t\n\v\f\r""#),
    ("\u{0}\u{1F}\u{7F}", #""\x00\x1f\x7f""#), ("\u{A0}\u{85}", #""\u00a0\u0085""#),
    ("\u{2028}\u{FEFF}", #""\u2028\ufeff""#), ("\u{E0001}", #""\U000e0001""#),
    ("é😀значение", #""é😀значение""#), ("e\u{301}", "\"e\u{301}\""), ("\u{FFFD}", "\"\u{FFFD}\""),
    ("\u{3000}\u{E000}", #""\u3000\ue000""#), ("'`", #""'`""#),
  ])
  func `text is quoted as Go quotes it`(text: String, quoted: String) {
    let result = GoString.quoted(Array(text.utf8))
    #expect(result.utf8.elementsEqual(quoted.utf8))
  }

  @Test func `bytes that are no UTF-8 are escaped one by one`() {
    #expect(GoString.quoted([0xFF, 0x61, 0xE2, 0x82]) == #""\xffa\xe2\x82""#)
    // A surrogate is not a scalar.
    #expect(GoString.quoted([0xED, 0xA0, 0x80]) == #""\xed\xa0\x80""#)
  }
}
