import Foundation
import TestSupport

/// Blocks that promtool makes of generated text: six of two hours, with UTF-8 values, counters with
/// a restart, NaN and infinities.
struct DemoBlocks: Sendable {
  /// A multiple of eight hours, so that the first four blocks make one of eight.
  static let startSeconds = 1_700_006_400 / 28_800 * 28_800
  static let hours = 12
  static let externalLabels = ["cluster": "demo", "replica": "a"]

  /// More than 140,000 samples of 200 pods.
  static let large = Result { try DemoBlocks(pods: 200) }
  /// The same with ten pods, where many copies are made.
  static let small = Result { try DemoBlocks(pods: 10) }

  /// Two days and four hours of a few pods, sample by sample every five minutes: long enough to be
  /// compacted to two days and downsampled.
  static let long = Result {
    try DemoBlocks(pods: 3, start: 1_700_006_400 / 172_800 * 172_800, hours: 52, step: 300)
  }

  let directory: String
  /// Every sample as promtool reads the blocks.
  let samples: Samples

  func copy(to target: String) throws {
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      try FileManager.default.copyItem(
        atPath: "\(directory)/\(name)", toPath: "\(target)/\(name)")
    }
  }

  private init(
    pods: Int, start: Int = startSeconds, hours: Int = hours, step: Int = 120
  ) throws {
    let scratch = try makeTemporaryDirectory()
    removeAtExit(scratch)
    let text = try runProcess(
      "awk",
      [
        "-v", "start=\(start)", "-v", "hours=\(hours)", "-v", "step=\(step)",
        "-v", "pods=\(pods)", "-f", packageRoot + "/Scripts/openmetrics.awk",
      ]
    ).requireSuccess()
    let path = scratch + "/samples.txt"
    try Data(text.output).write(to: URL(fileURLWithPath: path))
    directory = scratch + "/blocks"
    _ = try runProcess(
      "promtool", ["tsdb", "create-blocks-from", "openmetrics", path, directory]
    ).requireSuccess()
    _ = try runProcess(
      "/usr/bin/python3",
      [packageRoot + "/Scripts/add-thanos-section.py", directory]
        + Self.externalLabels.map { "\($0.key)=\($0.value)" }
    ).requireSuccess()
    samples = try Samples(promtoolDump: directory)
  }
}
