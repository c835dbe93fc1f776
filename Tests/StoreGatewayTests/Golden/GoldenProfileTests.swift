import ArgumentParser
import CommandSupport
import Logging
import StoreAPI
import TestSupport
import Testing

@testable import StoreGateway
@testable import StoreGatewayCommand

/// The requests of `store/requests-profiles.jsonl` against services that have the flags of
/// `store/profiles.json`, as the program reads them.
@Suite struct GoldenProfileTests {
  static let profiles = (try? Golden.json("store/profiles.json").array) ?? []

  @Test func `there are profiles of every kind, and requests for each`() throws {
    let names = Self.profiles.compactMap { $0["name"].string }
    for kind in ["time", "relabel", "series-limit", "samples-limit", "bytes-limit"] {
      #expect(names.contains { $0.hasPrefix(kind) }, "\(kind)")
    }
    let cases = try Golden.jsonLines("store/requests-profiles.jsonl")
    for name in names { #expect(cases.contains { $0["profile"].string == name }, "\(name)") }
  }

  @Test(arguments: profiles.indices, [GoldenBucket.Place.mapped, .remoteEager])
  func `answers under other flags are those of the reference`(
    index: Int, place: GoldenBucket.Place
  ) async throws {
    let profile = Self.profiles[index]
    let name = try #require(profile["name"].string)
    let cases = try Golden.jsonLines("store/requests-profiles.jsonl")
      .filter { $0["profile"].string == name }
    let command = try StoreGatewayCommand.parse(GoldenRequest.strings(profile["flags"]))
    var configuration = command.gatewayConfiguration
    let selector = try await command.selector.source.selector(
      Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    configuration.selector = { selector }
    let flags = configuration
    let blocks = try await GoldenBucket.published(place, rules: flags.rules)
    let store = GatewayStoreService(
      blocks: blocks, window: flags.window,
      resources: RequestResources(limits: flags.limits, memory: flags.memory),
      concurrency: flags.concurrency, executor: nil)
    // Nothing is cached, so that it costs each case the same.
    try await AskedStore.ask([store, InfoService(blocks: blocks, window: flags.window)]) { client in
      for test in cases {
        try await GoldenCall.check(Self.corrected(test, blocks.current), client)
      }
    }
  }

  /// The case, with the right answer where the reference lists values that no series has: those
  /// which an external label hides. The other requests say so themselves.
  private static func corrected(_ test: JSONValue, _ snapshot: BlockSetSnapshot) -> JSONValue {
    let label = Array((test["request"]["label"].string ?? "").utf8)
    guard test["kind"].string == "LabelValues", test["correct"].isNull,
      let values = test["response"]["values"].array, !snapshot.sets.isEmpty
    else { return test }
    var shown: Set<[UInt8]> = []
    for set in snapshot.sets {
      guard let value = set.externalLabels.first(where: { $0.name == label })?.value else {
        return test
      }
      shown.insert(value)
    }
    return test.replacing(
      values: values.filter { shown.contains(Array(($0.string ?? "").utf8)) })
  }
}

extension JSONValue {
  /// The case with other values in its answer.
  fileprivate func replacing(values: [JSONValue]) -> JSONValue {
    guard case .object(var test) = self, case .object(var response)? = test["response"] else {
      return self
    }
    response["values"] = .array(values)
    test["response"] = .object(response)
    return .object(test)
  }
}
