internal import CommandSupport
internal import Foundation
internal import ObjectStore
internal import TSDBBlock
internal import TestSupport

@testable internal import BlockToolCommand

/// A bucket in a temporary directory, and command lines over it.
struct BucketFixture {
  static let start: Int64 = 1_709_294_400_000
  static let hour: Int64 = 3_600_000

  let directory: String
  /// Whether commands see it as a store without local files.
  var isRemote = false

  var bucket: String { directory + "/bucket" }
  var configuration: String { Self.configuration(bucket) }

  static func configuration(_ path: String) -> String {
    "{type: FILESYSTEM, config: {directory: \(path)}}"
  }

  /// - Parameter number: blocks of two hours, one behind the other.
  @discardableResult
  func add(
    _ number: Int, in directory: String? = nil,
    labels: KeyValuePairs<String, String> = ["cluster": "a"],
    change: (inout BlockMeta) -> Void = { _ in }
  ) throws -> BlockID {
    let first = Self.start + Int64(number) * 2 * Self.hour
    let id = BlockID.make(now: first)
    let target = directory ?? bucket
    try FileManager.default.createDirectory(
      atPath: target, withIntermediateDirectories: true)
    let series = (0..<4).map { job in
      TestSeries(
        LabelSet(["__name__": "up", "job": "j\(job)"]),
        (0..<200).map { (first + Int64($0) * 30_000, Double($0 * (job + 1))) })
    }
    try makeBlock(
      at: "\(target)/\(id)", id: id, series, minTime: first, maxTime: first + 2 * Self.hour
    ) { meta in
      var thanos = ThanosMeta()
      thanos.version = 1
      thanos.labels = labels.map {
        ThanosMeta.Label(name: Array($0.key.utf8), value: Array($0.value.utf8))
      }
      thanos.source = "sidecar"
      meta.thanos = thanos
      change(&meta)
    }
    return id
  }

  /// Runs `blocktool` with the bucket's flag behind the words given.
  func run(_ arguments: String...) -> ToolRun {
    var run = ToolRun(
      arguments + ["--objstore.config", configuration], isRemote: isRemote)
    run.output = run.output.replacing(directory, with: "DIR")
    return run
  }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(bucket)/\(path)")
  }

  func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(bucket)/\(path)")))
  }

  func damage(_ path: String, at offset: Int) throws {
    var bytes = try bytes(path)
    bytes[offset] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: "\(bucket)/\(path)"))
  }

  static func with(isRemote: Bool = false, _ body: (BucketFixture) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let fixture = BucketFixture(directory: directory, isRemote: isRemote)
      try FileManager.default.createDirectory(
        atPath: fixture.bucket, withIntermediateDirectories: true)
      try body(fixture)
    }
  }
}
