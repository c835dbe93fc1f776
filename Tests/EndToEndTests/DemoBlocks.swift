import Foundation
import TestSupport

/// Blocks that promtool makes of generated text: six of two hours, more than 140,000 samples,
/// 200 pods, UTF-8 values, counters with a restart, NaN and infinities.
enum DemoBlocks {
  /// A multiple of eight hours, 2023-11-15T00:00:00Z.
  static let startSeconds = 1_700_006_400
  static let hours = 12
  static let externalLabels = ["cluster": "demo", "replica": "a"]

  /// Made once; use ``copy(to:)``.
  private static let original = Result { try make() }

  static func copy(to directory: String) throws {
    let original = try original.get()
    for name in try FileManager.default.contentsOfDirectory(atPath: original) {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: original + "/" + name, toPath: directory + "/" + name)
    }
  }

  /// Every sample as promtool reads the original blocks.
  static let samples = Result { try Samples(promtoolDump: original.get()) }

  private static func make() throws -> String {
    let directory = try makeTemporaryDirectory()
    removeAtExit(directory)
    let text = try runProcess(
      "awk",
      [
        "-v", "start=\(startSeconds)", "-v", "hours=\(hours)", "-v", "step=120", "-v", "pods=200",
        "-f", packageRoot + "/Scripts/openmetrics.awk",
      ]
    ).requireSuccess()
    let path = directory + "/samples.txt"
    try Data(text.output).write(to: URL(fileURLWithPath: path))
    let blocks = directory + "/blocks"
    _ = try runProcess(
      "promtool", ["tsdb", "create-blocks-from", "openmetrics", path, blocks]
    ).requireSuccess()
    _ = try runProcess(
      "/usr/bin/python3",
      [packageRoot + "/Scripts/add-thanos-section.py", blocks]
        + externalLabels.map { "\($0.key)=\($0.value)" }
    ).requireSuccess()
    return blocks
  }
}
