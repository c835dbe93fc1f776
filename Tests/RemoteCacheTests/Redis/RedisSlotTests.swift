import Testing

@testable import RemoteCache

@Suite struct RedisSlotTests {
  @Test func `the checksum is that of the specification's example`() {
    #expect(RedisSlot.checksum(Array("123456789".utf8)[...]) == 0x31C3)
  }

  @Test(arguments: [
    ("foo", 12182), ("bar", 5061), ("{foo}.x", 12182), ("a{foo}{bar}", 12182), ("{}foo", 9500),
  ])
  func `slots are those of a real server`(key: String, slot: Int) {
    #expect(RedisSlot.of(key) == slot)
  }
}
