import Foundation
import TestSupport
import Testing

@testable import IndexCache

@Suite struct BLAKE2bTests {
  @Test(arguments: [
    ("", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"),
    ("abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
  ])
  func `known digests come out`(message: String, digest: String) throws {
    #expect(BLAKE2b.digest(of: Array(message.utf8)) == (try #require(hexBytes(digest))))
  }

  @Test func `messages of every length around the block size hash as b2sum does`() throws {
    let directory = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var random = SeededRandom(seed: 7693)
    let messages = (0...260).map { length in
      (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    let paths = messages.indices.map { "\(directory)/\($0)" }
    for (message, path) in zip(messages, paths) {
      try Data(message).write(to: URL(fileURLWithPath: path))
    }
    let output = try runProcess("b2sum", ["-l", "256"] + paths).requireSuccess().output
    let digests = String(decoding: output, as: UTF8.self).split(separator: "\n").map {
      hexBytes(String($0.prefix(64)))
    }
    #expect(digests == messages.map { BLAKE2b.digest(of: $0) })
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
    ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"), ("\u{3FF}", "z78"), ("~~~?", "fn5-Pw"),
    ("???", "Pz8_"),
  ])
  func `base 64 has the letters for URLs and no padding`(message: String, text: String) {
    #expect(Base64URL.text(Array(message.utf8)) == text)
  }
}
