import GRPCCore
import GRPCInProcessTransport
import StoreAPI
import TestSupport
import Testing

/// A case of the golden requests, sent to our service.
enum GoldenCall {
  typealias Client = GRPCClient<InProcessTransport.Client>

  /// Asks and reports an answer that differs, with the first difference.
  static func check(_ test: JSONValue, _ client: Client) async throws {
    let actual: [String]
    do {
      actual = try await ask(test, client)
    } catch let error as RPCError {
      actual = GoldenAnswer.actual(error)
    }
    let expected = GoldenAnswer.expected(test)
    if actual != expected {
      Issue.record("\(test["id"].string ?? ""): \(difference(actual, expected))")
    }
  }

  private static func ask(_ test: JSONValue, _ client: Client) async throws -> [String] {
    let store = Thanos_Store.Client(wrapping: client)
    let request = test["request"]
    switch test["kind"].string {
    case "Series":
      let frames = try await store.series(GoldenRequest.series(request)) { response in
        var frames: [Thanos_SeriesResponse] = []
        for try await frame in response.messages { frames.append(frame) }
        return frames
      }
      return GoldenAnswer.actual(frames)
    case "LabelNames":
      return try GoldenAnswer.actual(
        try await store.labelNames(GoldenRequest.labelNames(request)))
    case "LabelValues":
      return try GoldenAnswer.actual(
        try await store.labelValues(GoldenRequest.labelValues(request)))
    default:
      return GoldenAnswer.actual(try await Thanos_Info_Info.Client(wrapping: client).info(.init()))
    }
  }

  private static func difference(_ actual: [String], _ expected: [String]) -> String {
    let index = zip(actual, expected).prefix { $0 == $1 }.count
    let ours = index < actual.count ? actual[index] : "nothing"
    let theirs = index < expected.count ? expected[index] : "nothing"
    return "line \(index): we sent \(ours.prefix(500)), expected \(theirs.prefix(500))"
      + " (\(actual.count) and \(expected.count) lines)"
  }
}
