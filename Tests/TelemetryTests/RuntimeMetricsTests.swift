import TestSupport
import Testing

@testable import Telemetry

@Suite struct RuntimeMetricsTests {
  @Test func `a summary has quantiles, sum and count`() {
    let registry = MetricRegistry()
    registry.summary("s", help: "x", labels: ["a": "b"]) {
      SummaryReading(quantiles: [(0.5, 1), (1, 2.5)], sum: 7, count: 3)
    }
    #expect(
      registry.exposition(.text) == """
        # HELP s x
        # TYPE s summary
        s{a="b",quantile="0.5"} 1
        s{a="b",quantile="1"} 2.5
        s_sum{a="b"} 7
        s_count{a="b"} 3

        """)
    #expect(registry.exposition(.openMetrics).contains("s{a=\"b\",quantile=\"1.0\"} 2.5\n"))
  }

  @Test func `a second name shows the same series, once the first is there`() {
    let registry = MetricRegistry()
    registry.alias("old_seconds", for: "new_seconds")
    #expect(registry.exposition(.text) == "")
    registry.histogram("new_seconds", help: "x", bounds: [1]).observe(0.5)
    let text = registry.exposition(.text)
    for name in ["old_seconds", "new_seconds"] {
      #expect(text.contains("# TYPE \(name) histogram\n"))
      #expect(text.contains("\(name)_bucket{le=\"1\"} 1\n"))
    }
  }

  @Test func `a metric that has the second name itself stays as it is`() {
    let registry = MetricRegistry()
    registry.gauge("a", help: "x").set(1)
    registry.gauge("b", help: "x").set(2)
    registry.alias("a", for: "b")
    #expect(registry.exposition(.text).contains("\na 1\n"))
  }

  @Test func `what dashboards of Go programs ask for is there and plausible`() throws {
    let registry = MetricRegistry()
    RuntimeMetrics.register(in: registry) { 1000 }
    var values: [String: Double] = [:]
    for line in registry.exposition(.text).split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      values[String(parts[0])] = Double(parts[1])
    }
    let threads = try #require(values["go_threads"])
    #expect(threads >= 1)
    #expect(try #require(values["go_goroutines"]) > 1000)
    for name in [
      "alloc_bytes", "alloc_bytes_total", "heap_alloc_bytes", "heap_alloc_bytes_total",
      "heap_inuse_bytes", "heap_sys_bytes", "stack_inuse_bytes", "sys_bytes",
    ] { #expect(try #require(values["go_memstats_\(name)"]) > 4096, "\(name)") }
    #expect(values["go_memstats_heap_idle_bytes"] != nil)
    #expect(values[#"go_gc_duration_seconds{quantile="1"}"#] == 0)
    #expect(values.contains { $0.key.hasPrefix("go_info{version=\"swift") && $0.value == 1 })
  }

  @Test func `this thread is among those of the process`() {
    let threads = ProcessThread.all()
    #expect(threads.count >= 1)
    #expect(threads.contains { $0.state == "R" })
    #expect(threads.map(\.id) == threads.map(\.id).sorted())
  }

  @Test func `a thread is read from a line whose name holds anything`() throws {
    let rest = (0..<40).map { "\($0)" }.joined(separator: " ")
    let thread = try #require(ProcessThread(id: 7, stat: "7 (a) S (b) D \(rest)"))
    #expect(thread.name == "a) S (b")
    #expect(thread.state == "D")
    // The columns behind the name: the state, then 0, 1, 2 …; the 12th and 13th are CPU time.
    #expect(thread.cpuSeconds == Double(10 + 11) / 100)
    for text in ["", "7 (a", ") (", "7 (a) S 1 2"] {
      #expect(ProcessThread(id: 7, stat: text) == nil)
    }
  }

  @Test func `sizes in kilobytes are read, other lines are not`() {
    let text = "Name:\tx\nVmRSS:\t  12 kB\nHugetlb: 5 pages\nBad: kB\n: 1 kB\n"
    #expect(ProcFile.kilobytes(in: text) == ["VmRSS": 12_288, "": 1024])
  }
}
