internal import Logging
internal import ObjectStore
internal import ServerRuntime
internal import ServiceLifecycle
internal import StoreGateway
internal import Synchronization
internal import Telemetry

/// `series-bench DIRECTORY [word]`: StoreAPI calls inside the process, encoded but not sent, over the blocks
/// of a bucket that `series.sh` makes. Prints for each call the median and the best time, the time of
/// all cores, the size of the answer, and the private memory of the process.
@main
struct SeriesBench {
  private struct Case {
    var name: String
    var request: [UInt8]
    var rounds: Int
  }

  private static let metric = Request.Matcher.equal("__name__", "metric_10007_total")
  private static let cases = [
    Case(name: "one metric", request: Request.series([metric]), rounds: 50),
    Case(
      name: "one metric, pod!=\"\"", request: Request.series([metric, .notEqual("pod", "")]),
      rounds: 50),
    Case(
      name: "one metric, instance=~",
      request: Request.series([metric, .matches("instance", "10.0.100.1.*")]), rounds: 50),
    Case(
      name: "one job of twenty", request: Request.series([.equal("job", "job-3")]), rounds: 16),
    Case(
      name: "all series, no chunks",
      request: Request.series([.matches("__name__", ".+")], skipsChunks: true), rounds: 6),
    Case(
      name: "all series and chunks", request: Request.series([.matches("__name__", ".+")]),
      rounds: 6),
  ]

  static func main() async throws {
    let word = CommandLine.arguments.dropFirst(2).first ?? ""
    guard let directory = CommandLine.arguments.dropFirst().first else {
      print("series-bench: name the directory of a bucket; Benchmarks/series.sh makes two")
      return
    }
    var configuration = StoreGatewayService.Configuration()
    configuration.address = ListenAddress(host: "127.0.0.1", port: 0)
    let (ready, source) = AsyncStream.makeStream(of: Void.self)
    var logger = Logger(label: "series-bench")
    logger.logLevel = .warning
    let gateway = StoreGatewayService(
      bucket: try FilesystemBucket(directory: directory), configuration: configuration,
      registry: MetricRegistry(), logger: logger, setReady: { if $0 { source.finish() } })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await gateway.run() }
      for await _ in ready {}
      print(row("call", "median ms", "best ms", "CPU ms", "MB", "private MiB"))
      for item in cases where item.name.hasPrefix(word) {
        try await measure(item.name, rounds: item.rounds) {
          let size = ByteCount()
          try await gateway.calls.series(item.request) { message in
            size.add(message.count)
          }
          return size.value
        }
      }
      if "values of pod".hasPrefix(word) {
        try await measure("values of pod", rounds: 2000) {
          try await gateway.calls.labelValues(Request.labelValues(of: "pod")).count
        }
      }
      group.cancelAll()
    }
  }

  private static func measure(
    _ name: String, rounds: Int, call: @Sendable () async throws -> Int
  ) async throws {
    var size = try await call()
    var times: [Duration] = []
    var used = Duration.zero
    var memory = 0
    for _ in 0..<rounds {
      let (start, before) = (ContinuousClock.now, Process.cpuTime)
      size = try await call()
      let took = ContinuousClock.now - start
      times.append(took)
      used += Process.cpuTime - before
      // Looks at every page, which takes longer than a small call.
      if times.count % 50 == 1 || took > .milliseconds(10) {
        memory = max(memory, Process.privateBytes)
      }
    }
    times.sort()
    print(
      row(
        name, milliseconds(times[rounds / 2]), milliseconds(times[0]),
        milliseconds(used / rounds), decimal(Double(size) / 1e6),
        "\(memory >> 20)"))
  }

  private static func milliseconds(_ time: Duration) -> String {
    decimal(time / .milliseconds(1))
  }

  private static func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  private static func row(_ cells: String...) -> String {
    cells.enumerated().map { column, cell in
      let blank = String(repeating: " ", count: max(0, (column == 0 ? 26 : 11) - cell.count))
      return column == 0 ? cell + blank : blank + cell
    }.joined(separator: " ")
  }
}

/// Bytes that came, counted by closures.
private final class ByteCount: Sendable {
  private let bytes = Atomic(0)

  func add(_ count: Int) { bytes.add(count, ordering: .relaxed) }
  var value: Int { bytes.load(ordering: .relaxed) }
}
