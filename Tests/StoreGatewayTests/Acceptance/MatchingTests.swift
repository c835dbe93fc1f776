import GRPCCore
import StoreAPI
import TestSupport
import Testing

@testable import StoreGateway

/// Which series, names and values matchers find, in a block that lies in the bucket twice with
/// another replica label, which every request removes.
@Suite struct MatchingTests {
  private static let now: Int64 = 1_700_000_000_000
  private static let fourHoursAgo = now - 4 * 3_600_000

  private static func with(
    _ series: [String], at time: Int64 = now, _ body: @Sendable (AskedStore) async throws -> Void
  ) async throws {
    try await AskedStore.with(
      ["r1", "r2"].map { replica in
        AskedStore.Block(
          externals: ["region": "eu-west", "replica": replica],
          series: series.map { TestSeries($0, at: [time]) })
      }, body)
  }

  /// A call for names, or for values of a label, and its answer.
  struct LabelCase: Sendable, CustomTestStringConvertible {
    var label: String?
    var matchers: [String] = []
    var end: Int64 = .max
    var answer: [String]

    var testDescription: String { "\(label ?? "names") | \(matchers) until \(end)" }

    static func names(
      _ matchers: String..., end: Int64 = .max, are answer: [String]
    ) -> LabelCase {
      LabelCase(label: nil, matchers: matchers, end: end, answer: answer)
    }

    static func values(
      _ label: String, _ matchers: String..., end: Int64 = .max, are answer: [String]
    ) -> LabelCase {
      LabelCase(label: label, matchers: matchers, end: end, answer: answer)
    }
  }

  private static func check(_ cases: [LabelCase], in store: AskedStore) async throws {
    for one in cases {
      let times = Int64.min...one.end
      guard let label = one.label else {
        let response = try await store.names(one.matchers, times: times) {
          $0.withoutReplicaLabels = ["replica"]
        }
        #expect(response.names == one.answer, "\(one.testDescription)")
        #expect(response.warnings.isEmpty)
        continue
      }
      let response = try await store.values(label, one.matchers, times: times) {
        $0.withoutReplicaLabels = ["replica"]
      }
      #expect(response.values == one.answer, "\(one.testDescription)")
      #expect(response.warnings.isEmpty)
    }
  }

  static let labelCases: [(series: [String], cases: [LabelCase])] = [
    (
      ["foo=foovalue1"],
      [
        .names(are: ["foo", "region"]), .values("foo", are: ["foovalue1"]),
        .values("region", are: ["eu-west"]), .values("replica", are: []),
      ]
    ),
    (
      ["foo=foovalue1", "foo=foovalue2"],
      [.values("foo", are: ["foovalue1", "foovalue2"])]
    ),
    (
      ["foo=foovalue1", "foo=foovalue2", "foo=foovalue1,bar=barvalue1"],
      [
        .names(are: ["bar", "foo", "region"]),
        .names(end: fourHoursAgo, are: []),
        .names("bar=barvalue1", are: ["bar", "foo", "region"]),
        .names("foo=foovalue2", are: ["foo", "region"]),
        .names("bar=different", are: []),
        .names("region=eu-west", are: ["bar", "foo", "region"]),
        .names("region=different", are: []),
        .values("foo", are: ["foovalue1", "foovalue2"]),
        .values("bar", are: ["barvalue1"]),
        .values("foo", end: fourHoursAgo, are: []),
        .values("bar", end: fourHoursAgo, are: []),
        .values("foo", "bar=barvalue1", are: ["foovalue1"]),
        .values("foo", "bar=different", are: []),
        .values("region", "__name__=nonexistent", are: []),
        .values("region", "region=eu-east", are: []),
        .values("foo", "region=eu-west", are: ["foovalue1", "foovalue2"]),
        .values("bar", "region=eu-west", are: ["barvalue1"]),
        .values("foo", "region=different", are: []),
        .values("bar", "region=different", are: []),
      ]
    ),
    (
      ["__name__=up,foo=bar,job=C", "__name__=up,foo=baz,job=C"],
      [.values("region", "__name__=up", "job=C", are: ["eu-west"])]
    ),
    (
      ["__name__=up,foo=bar"],
      [
        .names("region=~.*", are: ["__name__", "foo", "region"]),
        .values("region", "__name__=up", "region=~.*", are: ["eu-west"]),
      ]
    ),
    (
      ["__name__=up,pod=pod-1", "__name__=up,pod=pod-2", "__name__=kube_pod_info,pod=pod-1"],
      [
        .values("pod", "__name__=kube_pod_info", are: ["pod-1"]),
        .values("pod", are: ["pod-1", "pod-2"]),
        .names("__name__=kube_pod_info", are: ["__name__", "pod", "region"]),
        .names(are: ["__name__", "pod", "region"]),
      ]
    ),
  ]

  @Test(arguments: labelCases.indices)
  func `label calls find what matching series have`(index: Int) async throws {
    let (series, cases) = Self.labelCases[index]
    try await Self.with(series) { store in try await Self.check(cases, in: store) }
  }

  @Test func `values of no label are refused`() async throws {
    try await Self.with(["foo=bar"]) { store in
      let error = await #expect(throws: RPCError.self) { _ = try await store.values("") }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message == "label name parameter cannot be empty")
    }
  }

  @Test func `an external label hides one of the same name`() async throws {
    try await Self.with(["foo=bar,region=somewhere"], at: 0) { store in
      let answer = try await store.series(["foo=bar"]) {
        $0.skipChunks = true
        $0.withoutReplicaLabels = ["replica"]
      }
      #expect(answer.labels == ["foo=bar,region=eu-west"])
      #expect(answer.chunkCounts == [0])
    }
  }

  // MARK: Series

  /// What the table below names; `i` sorts before `n`, so the order of answers is 2, 3, 1, 4, 5.
  private static let five = [1: "n=1", 2: "i=a,n=1", 3: "i=b,n=1", 4: "n=2", 5: "n=2.5"]

  static let selectors: [(matchers: [String], series: [Int])] = [
    (["n=1"], [2, 3, 1]),
    (["n=1", "i=a"], [2]),
    (["n=1", "i=missing"], []),
    (["missing="], [2, 3, 1, 4, 5]),
    (["n!=1"], [4, 5]),
    (["n!~^1$"], [4, 5]),
    (["n!~1"], [4, 5]),
    (["i=~.+"], [2, 3]),
    (["i!="], [2, 3]),
    (["i=~a|b"], [2, 3]),
    (["i=~(a|b)"], [2, 3]),
    (["i=~.*"], [2, 3, 1, 4, 5]),
    (["i="], [1, 4, 5]),
    (["i=~^$"], [1, 4, 5]),
    (["i=~c||d"], [1, 4, 5]),
    (["i=~(c||d)"], [1, 4, 5]),
    (["missing!="], []),
    (["n=1", "i!=a"], [3, 1]),
    (["n=1", "i!~^a$"], [3, 1]),
    (["n=~^1$"], [2, 3, 1]),
    (["n=1", "i=~^a$"], [2]),
    (["n=1", "i=~^a?$"], [2, 1]),
    (["n=1", "i=~^$"], [1]),
    (["n=1", "i!~^.+$"], [1]),
    (["n=1", "i=~^.*$"], [2, 3, 1]),
    (["n=1", "i=~^.+$"], [2, 3]),
    (["n=1", "i!~^$"], [2, 3]),
    (["n!~1|2.5"], [4]),
    (["n!~(1|2.5)"], [4]),
    (["n=1", "i!~^a?$"], [3]),
    (["n=1", "i!~^.*$"], []),
    (["n=1", "i!=", "i=a"], [2]),
    (["n=1", "i!=b", "i=~^(b|a).*$"], [2]),
    (["n=~(1|2)"], [2, 3, 1, 4]),
    (["n=~x1|2"], [4]),
    (["n=~2|2\\.5"], [4, 5]),
  ]

  @Test func `each selector finds its series, in the order of their final labels`() async throws {
    try await Self.with(Array(Self.five.values)) { store in
      for (matchers, series) in Self.selectors {
        for skipsChunks in [false, true] {
          let answer = try await store.series(matchers) {
            $0.skipChunks = skipsChunks
            $0.withoutReplicaLabels = ["replica"]
          }
          let expected = series.map { (Self.five[$0] ?? "") + ",region=eu-west" }
          #expect(answer.labels == expected, "\(matchers)")
          // The two replicas are equal: one chunk is left of theirs.
          #expect(answer.chunkCounts == series.map { _ in skipsChunks ? 0 : 1 }, "\(matchers)")
          #expect(answer.isOrdered && answer.warnings.isEmpty, "\(matchers)")
        }
      }
    }
  }

  @Test func `with its replica label each block has series of its own`() async throws {
    try await Self.with(Array(Self.five.values)) { store in
      let answer = try await store.series(["n=1"])
      let expected = ["i=a,n=1", "i=b,n=1", "n=1"].flatMap { inner in
        ["r1", "r2"].map { "\(inner),region=eu-west,replica=\($0)" }
      }
      #expect(answer.labels == expected)
    }
  }
}
