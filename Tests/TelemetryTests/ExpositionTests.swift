import Telemetry
import Testing

@Suite struct ExpositionTests {
  private func sampleRegistry() -> MetricRegistry {
    let registry = MetricRegistry()
    let loads = registry.counter("b_loads_total", help: "Loads.", labels: ["state": "loaded"])
    loads.increment(by: 3)
    registry.counter("b_loads_total", help: "Loads.", labels: ["state": "failed"]).add(0.5)
    registry.gauge("a_size", help: "A \"size\"\nof \\.", labels: ["path": "a\"b\\c\nd"]).set(7)
    let latency = registry.histogram("c_seconds", help: "Latency.", bounds: [0.25, 1])
    latency.observe(0.25)
    latency.observe(0.5)
    latency.observe(4)
    return registry
  }

  @Test func `the text format has families and series in byte order, escaped`() {
    let expected = #"""
      # HELP a_size A "size"\nof \\.
      # TYPE a_size gauge
      a_size{path="a\"b\\c\nd"} 7
      # HELP b_loads_total Loads.
      # TYPE b_loads_total counter
      b_loads_total{state="failed"} 0.5
      b_loads_total{state="loaded"} 3
      # HELP c_seconds Latency.
      # TYPE c_seconds histogram
      c_seconds_bucket{le="0.25"} 1
      c_seconds_bucket{le="1"} 2
      c_seconds_bucket{le="+Inf"} 3
      c_seconds_sum 4.75
      c_seconds_count 3

      """#
    #expect(sampleRegistry().exposition(.text) == expected)
  }

  @Test func `OpenMetrics names counter families without _total and ends with EOF`() {
    let expected = #"""
      # HELP a_size A \"size\"\nof \\.
      # TYPE a_size gauge
      a_size{path="a\"b\\c\nd"} 7.0
      # HELP b_loads Loads.
      # TYPE b_loads counter
      b_loads_total{state="failed"} 0.5
      b_loads_total{state="loaded"} 3.0
      # HELP c_seconds Latency.
      # TYPE c_seconds histogram
      c_seconds_bucket{le="0.25"} 1
      c_seconds_bucket{le="1.0"} 2
      c_seconds_bucket{le="+Inf"} 3
      c_seconds_sum 4.75
      c_seconds_count 3
      # EOF

      """#
    #expect(sampleRegistry().exposition(.openMetrics) == expected)
  }

  @Test func `a counter without _total is unknown to OpenMetrics`() {
    let registry = MetricRegistry()
    registry.counter("odd", help: "x").increment()
    #expect(
      registry.exposition(.openMetrics) == "# HELP odd x\n# TYPE odd unknown\nodd 1.0\n# EOF\n")
  }

  @Test(arguments: [
    (0, "0"), (-0.0, "-0"), (1, "1"), (100_000, "100000"), (123_456, "123456"),
    (1_000_000, "1e+06"), (1_048_576, "1.048576e+06"), (0.001, "0.001"), (0.0001, "0.0001"),
    (0.000_01, "1e-05"), (12.5, "12.5"), (-2.25, "-2.25"), (1e100, "1e+100"), (1e16, "1e+16"),
    (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1_764_040_000.5, "1.7640400005e+09"),
  ])
  func `numbers are spelled as Prometheus spells them`(value: Double, text: String) {
    let registry = MetricRegistry()
    registry.gauge("g", help: "").set(value)
    #expect(registry.exposition(.text).split(separator: "\n").last == "g \(text)")
  }

  @Test func `the same name and labels give the same handle`() {
    let registry = MetricRegistry()
    let first = registry.counter("x_total", help: "x", labels: ["a": "1", "b": "2"])
    let second = registry.counter("x_total", help: "x", labels: ["b": "2", "a": "1"])
    #expect(first === second)
    #expect(first !== registry.counter("x_total", help: "x", labels: ["a": "1"]))
  }

  @Test func `a callback is asked at every scrape`() {
    let registry = MetricRegistry()
    let source = registry.gauge("source", help: "")
    registry.gauge("copy", help: "") { source.value * 2 }
    source.set(4)
    #expect(registry.exposition(.text).contains("\ncopy 8\n"))
    source.set(5)
    #expect(registry.exposition(.text).contains("\ncopy 10\n"))
  }

  @Test func `many threads lose no increment`() async {
    let registry = MetricRegistry()
    let counter = registry.counter("x_total", help: "")
    let histogram = registry.histogram("h", help: "", bounds: [1])
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 {
            counter.increment()
            counter.add(0.5)
            histogram.observe(0.5)
          }
        }
      }
    }
    #expect(counter.value == 12_000)
    #expect(histogram.count == 8000)
    #expect(histogram.sum == 4000)
  }

  @Test(arguments: [
    (nil, "text/plain"), ("*/*", "text/plain"), ("text/plain", "text/plain"),
    ("application/openmetrics-text", "application/openmetrics-text"),
    (
      "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "application/openmetrics-text"
    ),
    ("application/openmetrics-text;version=1.0.0;q=0.3, text/plain;q=0.8", "text/plain"),
    ("application/openmetrics-text;version=9.0.0", "text/plain"),
    ("application/openmetrics-text;q=0", "text/plain"), (";;,,q=", "text/plain"),
  ])
  func `the Accept header decides the format`(header: String?, type: String) {
    let format = ExpositionFormat.preferred(byAccept: header)
    #expect(format.contentType.hasPrefix(type))
  }

  @Test func `the process metrics describe this process`() throws {
    let registry = MetricRegistry()
    ProcessMetrics.register(in: registry)
    BuildInfo.register(in: registry)
    var values: [String: Double] = [:]
    for line in registry.exposition(.text).split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      values[String(parts[0])] = Double(parts[1])
    }
    #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
    #expect(try #require(values["process_cpu_seconds_total"]) > 0)
    #expect(try #require(values["process_open_fds"]) >= 3)
    #expect(try #require(values["process_max_fds"]) >= 64)
    let start = try #require(values["process_start_time_seconds"])
    let now = Double(WallClock.milliseconds()) / 1000
    #expect(start > now - 86_400 && start < now + 2)
    let info = values.first { $0.key.hasPrefix("thanos_build_info{") }
    #expect(info?.value == 1)
    #expect(info?.key.contains(#"version="0.1.0""#) == true)
  }
}
