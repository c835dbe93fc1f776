import StoreAPI
import SwiftProtobuf
import Synchronization
import TSDBBlock
import TestSupport
import Testing

@testable import StoreGateway

/// Calls from inside the process.
@Suite struct StoreCallsTests {
  private static let blocks = [
    AskedStore.Block(
      externals: ["r": "1"],
      series: (0..<3).map { TestSeries("__name__=m,n=\($0)", at: [10, 20, 1000]) },
      samplesPerChunk: 2)
  ]

  private static func request(_ matcher: String) throws -> [UInt8] {
    var request = Thanos_SeriesRequest()
    request.maxTime = 2000
    request.matchers = [Thanos_LabelMatcher(matcher)]
    return try request.serializedBytes()
  }

  @Test func `calls without a connection have the answers of those with one`() async throws {
    try await AskedStore.withService(Self.blocks) { service, ids in
      let calls = StoreCalls(store: service)
      let messages = Mutex<[[UInt8]]>([])
      try await calls.series(try Self.request("__name__=m")) { message in
        messages.withLock { $0.append(message) }
      }
      let series = try messages.withLock { $0 }.map {
        try Thanos_SeriesResponse(serializedBytes: $0).series
      }
      #expect(series.count == 3)
      let served = try await AskedStore.ask([service]) { client in
        try await AskedStore(client: client, ids: ids).series(["__name__=m"], times: 0...2000)
      }
      #expect(series == served.series)

      var names = Thanos_LabelNamesRequest()
      names.end = 2000
      let answer = try Thanos_LabelNamesResponse(
        serializedBytes: await calls.labelNames(try names.serializedBytes()))
      #expect(answer.names == ["__name__", "n", "r"])

      var values = Thanos_LabelValuesRequest()
      values.end = 2000
      values.label = "n"
      let list = try Thanos_LabelValuesResponse(
        serializedBytes: await calls.labelValues(try values.serializedBytes()))
      #expect(list.values == ["0", "1", "2"])
    }
  }

  @Test func `values that are not UTF-8 are answered with replacements`() async throws {
    let series = [[0x61], [0x61, 0xC3], [0xC3, 0xA9], [0xFF]].map { value in
      TestSeries(LabelSet([(name: Array("n".utf8), value: value)]), [(time: 10, value: 1)])
    }
    try await AskedStore.withService([AskedStore.Block(series: series)]) { service, _ in
      var values = Thanos_LabelValuesRequest()
      values.end = 2000
      values.label = "n"
      let list = try Thanos_LabelValuesResponse(
        serializedBytes: await StoreCalls(store: service).labelValues(values.serializedBytes()))
      #expect(list.values == ["a", "a\u{FFFD}", "é", "\u{FFFD}"])
    }
  }

  @Test func `what is wrong ends a call with its code, and an error of the receiver as itself`()
    async throws
  {
    struct Enough: Error {}
    try await AskedStore.withService(Self.blocks) { service, _ in
      let calls = StoreCalls(store: service)
      let invalid = await #expect(throws: StoreCallError.self) {
        try await calls.series(try Self.request("n=~(")) { _ in }
      }
      #expect(invalid?.code == 3)
      let garbage = await #expect(throws: StoreCallError.self) {
        _ = try await calls.labelValues([0xFF])
      }
      #expect(garbage?.description.contains("not a thanos.LabelValuesRequest (code 3)") == true)
      await #expect(throws: Enough.self) {
        try await calls.series(try Self.request("__name__=m")) { _ in throw Enough() }
      }
    }
  }
}
