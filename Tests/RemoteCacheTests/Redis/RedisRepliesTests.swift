import NIOCore
import Testing

@testable import RemoteCache

struct RedisRepliesTests {
  @Test(arguments: [
    "$10\r\n0123456789\r\n", "!10\r\n0123456789\r\n", "*2\r\n$4\r\nabcd\r\n_\r\n", "*0\r\n",
    "-ERR\r\n",
  ])
  func `many values of an allowed size are refused together`(value: String) throws {
    var few = ByteBuffer(string: String(repeating: value, count: 5))
    var parser = RedisReplies(count: 5, valueLimit: 10, totalLimit: 1000)
    #expect(try parser.parse(&few)?.count == 5)
    var many = ByteBuffer(string: String(repeating: value, count: 20))
    parser = RedisReplies(count: 20, valueLimit: 10, totalLimit: 1000)
    #expect(throws: WireFailure.self) { try parser.parse(&many) }
    var nested = ByteBuffer(string: "*20\r\n" + String(repeating: value, count: 20))
    parser = RedisReplies(count: 1, valueLimit: 10, totalLimit: 1000)
    #expect(throws: WireFailure.self) { try parser.parse(&nested) }
  }
}
