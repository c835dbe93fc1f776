import Foundation
import TestSupport

/// Asks a running gateway through a gRPC client of another make: Python's.
struct StoreClient: Sendable {
  let port: Int

  struct Answer: Decodable {
    struct Series: Decodable {
      var labels: [String: String]
      var chunks: [[Int64]]
      var samples: [Sample]
    }

    struct Sample: Decodable {
      var milliseconds: Int64
      var value: String

      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        milliseconds = try container.decode(Int64.self)
        value = try container.decode(String.self)
      }
    }

    var series: [Series]
    var warnings: [String]

    var samples: Samples {
      var result = Samples()
      for one in series {
        result.series[one.labels] = one.samples.map {
          Samples.Sample($0.milliseconds, number($0.value) ?? .nan)
        }
      }
      return result
    }
  }

  func run<Value: Decodable & Sendable>(
    _ arguments: [String], as type: Value.Type = Value.self
  ) async throws -> Value {
    let result = try await runInBackground(
      "/usr/bin/python3",
      [packageRoot + "/Scripts/storeapi_client.py", "--address", "127.0.0.1:\(port)"] + arguments)
    return try JSONDecoder().decode(type, from: Data(result.requireSuccess().output))
  }

  func series(
    _ matchers: [String], times: ClosedRange<Int64>? = nil, _ more: String...
  ) async throws -> Answer {
    try await run(["series", "--output=json"] + more + options(matchers, times))
  }

  func options(_ matchers: [String], _ times: ClosedRange<Int64>?) -> [String] {
    matchers.map { "--match=\($0)" }
      + (times.map { ["--min-time=\($0.lowerBound)", "--max-time=\($0.upperBound)"] } ?? [])
  }
}

/// Runs a program to its end without holding a thread that other tests need.
func runInBackground(_ program: String, _ arguments: [String]) async throws -> ProcessResult {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      continuation.resume(with: Result { try runProcess(program, arguments) })
    }
  }
}
