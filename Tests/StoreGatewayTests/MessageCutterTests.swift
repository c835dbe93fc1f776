import NIOCore
import TestSupport
import Testing

@testable import StoreGateway

@Suite struct MessageCutterTests {
  private func framed(_ messages: [[UInt8]]) -> [UInt8] {
    messages.flatMap { message in
      let count = UInt32(message.count)
      let flag: UInt8 = message.count.isMultiple(of: 2) ? 1 : 0
      return [flag] + stride(from: 24, through: 0, by: -8).map { UInt8(count >> UInt32($0) & 0xFF) }
        + message
    }
  }

  @Test func `messages come whole, wherever the stream is cut`() throws {
    var random = SeededRandom(seed: 5)
    for _ in 0..<100 {
      let messages = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        (0..<Int.random(in: 0...300, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      }
      var rest = framed(messages)[...]
      var cutter = MessageCutter(limit: 300)
      var found: [[UInt8]] = []
      while !rest.isEmpty {
        let step = rest.prefix(Int.random(in: 1...400, using: &random))
        rest = rest.dropFirst(step.count)
        cutter.append(ByteBuffer(bytes: step))
        while let message = try cutter.next() {
          #expect(message.isCompressed == message.bytes.readableBytes.isMultiple(of: 2))
          found.append(Array(message.bytes.readableBytesView))
        }
      }
      #expect(found == messages)
    }
  }

  @Test func `a message that claims too much is refused before it arrives`() {
    var cutter = MessageCutter(limit: 300)
    cutter.append(ByteBuffer(bytes: [0, 0, 0, 1, 45]))
    #expect(throws: MessageCutter.TooLarge.self) { try cutter.next() }
  }
}
