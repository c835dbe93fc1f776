import Foundation
import TestSupport
import Testing

/// Compression of gRPC messages, as clients of another make ask for it.
@Suite(.serialized) struct CompressionTests {
  struct Outcome: Decodable {
    var encoding: String
    var flags: [Int]
    var messages: Int
    var bytes: Int
    var digest: String
    var status: String?
  }

  private func series(_ gateway: Gateway, _ arguments: [String]) async throws -> Outcome {
    try await byHand(gateway, ["series"] + arguments)
  }

  @Test func `an answer is compressed as its request was, and only then`() async throws {
    try await withGateway { gateway, _ in
      let plain = try await series(gateway, [])
      #expect(plain.status == "0")
      #expect(plain.encoding == "")
      #expect(plain.flags == [0])
      // What Go programs say with every request is no wish.
      for accepted in ["snappy,gzip", "gzip,snappy", "snappy", "identity,deflate,gzip"] {
        let same = try await series(gateway, ["--accept", accepted])
        #expect(same.encoding == "")
        #expect(same.flags == [0])
        #expect(same.digest == plain.digest)
      }
      for encoding in ["snappy", "gzip"] {
        for more in [[], ["--accept", "snappy,gzip"], ["--pieces"]] {
          let packed = try await series(gateway, ["--encoding", encoding] + more)
          #expect(packed.status == "0")
          #expect(packed.encoding == encoding)
          #expect(packed.flags == [1])
          #expect(packed.messages > 1)
          #expect(packed.digest == plain.digest, "\(encoding) \(more)")
          // The chunks of the demo are noise.
          #expect(packed.bytes < plain.bytes + plain.bytes / 50)
        }
      }
      let unknown = try await series(gateway, ["--encoding", "zstd"])
      #expect(unknown.status == "12")
    }
  }

  @Test(arguments: ["Gzip", "Deflate"])
  func `Python's gRPC library gets the same answer compressed`(kind: String) async throws {
    try await withGateway { gateway, _ in
      let plain = try await gateway.client.series(["pod=web-3"])
      let packed = try await gateway.client.series(["pod=web-3"], "--compression", kind)
      #expect(plain.series.count == 2)
      #expect(packed.samples == plain.samples)
    }
  }
}

/// Speaks HTTP/2 by hand to a gateway.
func byHand<Value: Decodable & Sendable>(
  _ gateway: Gateway, _ arguments: [String], as type: Value.Type = Value.self
) async throws -> Value {
  let result = try await runInBackground(
    "/usr/bin/python3",
    [packageRoot + "/Scripts/http2_client.py", "--address", "127.0.0.1:\(gateway.client.port)"]
      + arguments)
  return try JSONDecoder().decode(type, from: Data(result.requireSuccess().output))
}
