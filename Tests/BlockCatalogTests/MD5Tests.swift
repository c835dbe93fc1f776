import Foundation
import TestSupport
import Testing

@testable import BlockCatalog

struct MD5Tests {
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    (
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "d174ab98d277d9f5a5611c2c9f419d9f"
    ),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func `the test suite of RFC 1321 passes`(message: String, digest: String) throws {
    let expected = try #require(hexBytes(digest))
    #expect(MD5.digest(of: Array(message.utf8)) == expected)
    #expect(String(MD5.tail(of: Array(message.utf8)), radix: 16) == strippedTail(digest))
  }

  @Test func `messages of every length around the block size hash as md5sum does`() throws {
    let directory = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var random = SeededRandom(seed: 1321)
    let messages = (0...200).map { length in
      (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    let paths = messages.indices.map { "\(directory)/\($0)" }
    for (message, path) in zip(messages, paths) {
      try Data(message).write(to: URL(fileURLWithPath: path))
    }
    let output = try runProcess("md5sum", paths).requireSuccess().output
    let digests = String(decoding: output, as: UTF8.self).split(separator: "\n").map {
      hexBytes(String($0.prefix(32)))
    }
    #expect(digests == messages.map { MD5.digest(of: $0) })
  }

  private func strippedTail(_ digest: String) -> String {
    String(digest.suffix(16).drop { $0 == "0" })
  }
}
