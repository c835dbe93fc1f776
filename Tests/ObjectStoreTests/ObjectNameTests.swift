import ObjectStore
import Testing

@Suite struct ObjectNameTests {
  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "a/./b", "./a", "a\0b",
    String(repeating: "x", count: 1025),
  ])
  func `a name that leads elsewhere is refused`(text: String) {
    #expect(throws: ObjectName.Invalid.self) { try ObjectName(text) }
  }

  @Test(arguments: ["a", "a/b", "...", "..a/b..", "a\\b", "ä", "a b", "-"])
  func `other names are taken as they are`(text: String) throws {
    #expect(try ObjectName(text).text == text)
  }

  @Test func `the refusal says why`() {
    let error = #expect(throws: ObjectName.Invalid.self) { try ObjectName("a/../b") }
    #expect(
      error?.description == #"object name "a/../b" is not valid: it has a ".." component"#)
  }

  @Test func `names are compared as bytes`() throws {
    let composed = try ObjectName("\u{E9}")
    let decomposed = try ObjectName("e\u{301}")
    #expect(composed != decomposed)
    #expect(decomposed < composed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  @Test func `parents and containment follow the components`() throws {
    let name = try ObjectName("a/b/c")
    #expect(name.parent?.text == "a/b")
    #expect(name.parent?.parent?.parent == nil)
    #expect(name.lastComponent == "c")
    #expect(name.isInside(try ObjectName("a")))
    #expect(name.isInside(try ObjectName("a/b")))
    #expect(!name.isInside(name))
    #expect(!(try ObjectName("ab/c").isInside(ObjectName("a"))))
    #expect(throws: ObjectName.Invalid.self) { try name.appending("../../../x") }
  }
}
