internal import TSDBBlock
internal import Testing

@Suite struct `Selectors` {
  @Test(arguments: [
    ("up", ["__name__=\"up\""]),
    ("job:rate:5m", ["__name__=\"job:rate:5m\""]),
    ("up{}", ["__name__=\"up\""]),
    ("{}", []),
    ("up{job=\"api\",code=~\"5..\",}", ["__name__=\"up\"", "job=\"api\"", "code=~\"5..\""]),
    (" { a != 'x' , b !~ `\\d+` } ", ["a!=\"x\"", "b!~\"\\\\d+\""]),
    ("{\"my.metric\", \"label.x\"=\"v\"}", ["__name__=\"my.metric\"", "\"label.x\"=\"v\""]),
    ("{a=\"\\x41\\102\\u00e9\\n\\\"\"}", ["a=\"ABé\\n\\\"\""]),
    ("{a='it\\'s'}", ["a=\"it's\""]),
  ])
  func `are read as PromQL writes them`(text: String, expected: [String]) throws {
    #expect(try SelectorParser.parse(text).map(\.description) == expected)
  }

  @Test(arguments: [
    "", "5m", "up{", "up{a}", "up{a=}", "up{a=\"x\"", "up{a=\"x\" b=\"y\"}", "up{a=\"x}", "{,}",
    "up{\"a.b\"}", "up extra", "{a=\"\\q\"}", "{a==\"x\"}", "{a=~\"(\"}", "{a:b=\"x\"}",
  ])
  func `that make no sense are refused in one line`(text: String) {
    let error = #expect(throws: BlockError.self) { _ = try SelectorParser.parse(text) }
    #expect(error?.code == .invalidMatcher)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `an error says what was expected and where`() {
    let error = #expect(throws: BlockError.self) { _ = try SelectorParser.parse("up{job}") }
    #expect(error?.description == "selector up{job}: expected =, !=, =~ or !~ at character 7")
  }
}
