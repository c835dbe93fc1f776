import TestSupport
import Testing

@testable import RemoteCache

/// An answer of a name server.
struct DNSAnswer {
  static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// - Parameter question: the bytes of the question that came, with its identity.
  static func services(
    _ records: [(target: [UInt8], port: Int)], question: [UInt8], code: Int = 0
  ) -> [UInt8] {
    var answer = Array(question.prefix(2)) + number(0x8180 + code, 2) + number(1, 2)
    answer += number(records.count, 2) + number(0, 4)
    var end = 12
    while end < question.count, question[end] != 0 { end += Int(question[end]) + 1 }
    answer += question[12..<min(end + 5, question.count)]
    for record in records {
      let data = number(1, 2) + number(2, 2) + number(record.port, 2) + record.target
      // The name of the question, by a pointer.
      answer += [0xC0, 12] + number(33, 2) + number(1, 2) + number(60, 4)
      answer += number(data.count, 2) + data
    }
    return answer
  }
}

@Suite struct ServiceRecordsTests {
  private let question: [UInt8] =
    [7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + DNSAnswer.name("_m._tcp.x") + [0, 33, 0, 1]

  private func answer() -> [UInt8] {
    // The third target ends with a pointer to the last part of the question's name.
    DNSAnswer.services(
      [
        (DNSAnswer.name("a.x"), 11_211), (DNSAnswer.name("localhost"), 2),
        ([1, 0x62, 0xC0, 20], 3),
        ([0], 4),
      ], question: question)
  }

  @Test func `records are read, with names that point into others`() {
    #expect(
      ServiceRecords.read(answer()) == [
        ServiceRecord(target: "a.x", port: 11_211), ServiceRecord(target: "localhost", port: 2),
        ServiceRecord(target: "b.x", port: 3),
      ])
  }

  @Test func `an answer that is cut is none, wherever it is cut`() {
    let answer = answer()
    for count in 0..<answer.count { #expect(ServiceRecords.read(Array(answer[..<count])) == nil) }
  }

  @Test func `flipped bits and noise never trap`() {
    let answer = answer()
    for place in 0..<answer.count * 8 {
      var damaged = answer
      damaged[place / 8] ^= 1 << (place % 8)
      _ = ServiceRecords.read(damaged)
    }
    var random = SeededRandom(seed: 9)
    for _ in 0..<5000 {
      let count = Int.random(in: 0..<80, using: &random)
      _ = ServiceRecords.read((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  @Test func `names that point at themselves or forward are damage`() {
    for pointer in [[0xC0, 0x2D], [0xC0, 0xFF], [1, 0x61, 0xC0, 0x2D]] as [[UInt8]] {
      let answer = DNSAnswer.services([(pointer, 1)], question: question)
      #expect(ServiceRecords.read(answer) == nil)
    }
  }
}
