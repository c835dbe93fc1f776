import Foundation
import ObjectStore
import Telemetry
import TestSupport
import Testing

@Suite struct MeteredBucketTests {
  @Test func `operations, failures and bytes are counted`() async throws {
    let registry = MetricRegistry()
    let bucket = MeteredBucket(MemoryBucket(name: "m"), registry: registry)
    let name = try ObjectName("a")
    try await bucket.write([1, 2, 3], to: name)
    _ = try await bucket.read(name)
    _ = try await bucket.read(name, range: 0..<2)
    await #expect(throws: BucketError.self) { try await bucket.read(ObjectName("b")) }
    await #expect(throws: BucketError.self) { try await bucket.create([1], at: name) }
    await #expect(throws: BucketError.self) { try await bucket.upload(file: "/none", to: name) }
    let lines = Set(registry.exposition(.text).split(separator: "\n").map(String.init))
    func expect(_ metric: String, _ operation: String, _ value: Int) {
      let line =
        "thanos_objstore_bucket_\(metric){bucket=\"m\",operation=\"\(operation)\"} \(value)"
      #expect(lines.contains(line), "\(line)")
    }
    expect("operations_total", "upload", 3)
    expect("operation_failures_total", "upload", 1)
    expect("operations_total", "get", 2)
    expect("operation_failures_total", "get", 0)
    expect("operation_fetched_bytes_total", "get", 3)
    expect("operation_fetched_bytes_total", "get_range", 2)
    expect("operation_duration_seconds_count", "get", 1)
    expect("operations_total", "iter", 0)
  }

  @Test func `an uploaded file counts with its bytes`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/file"
      try Data(count: 40_000).write(to: URL(fileURLWithPath: path))
      let registry = MetricRegistry()
      let bucket = MeteredBucket(
        try FilesystemBucket(directory: directory + "/bucket"), registry: registry)
      try await bucket.upload(file: path, to: ObjectName("a"))
      #expect(
        registry.exposition(.text).contains(
          "thanos_objstore_bucket_operation_transferred_bytes_sum{bucket=\"\(bucket.name)\","
            + "operation=\"upload\"} 40000\n"))
    }
  }
}
