import BlockCatalog
import Foundation
import ObjectStore
import TSDBBlock
import TestSupport

/// Blocks of a bucket where Debian's promtool looks for them.
struct PromtoolDatabase {
  static let isInstalled = (try? runProcess("promtool", ["--version"]))?.status == 0

  private let directory: String
  /// Of the blocks.
  let metas: [BlockMeta]

  /// The blocks that are not marked for deletion.
  init(
    of fixture: CompactorFixture, _ bucket: FilesystemBucket,
    where isWanted: (BlockID) -> Bool = { _ in true }
  ) async throws {
    directory = fixture.directory + "/promtool"
    // It opens the directory as a database and misses the log otherwise.
    try FileManager.default.createDirectory(
      atPath: directory + "/wal", withIntermediateDirectories: true)
    var metas: [BlockMeta] = []
    for object in try await bucket.list(nil, recursive: false) {
      guard let id = BlockID(object.name.lastComponent), isWanted(id),
        let path = bucket.localPath(object.name),
        try await !fixture.isMarked(id, in: bucket)
      else { continue }
      try FileManager.default.copyItem(atPath: path, toPath: "\(directory)/\(id)")
      metas.append(try await fixture.meta(id, in: bucket))
    }
    self.metas = metas
  }

  /// Every sample; each NaN is the same one.
  func dump(mayFail: Bool = false) throws -> BlockModel {
    let result = try runProcess("promtool", ["tsdb", "dump", directory])
    if !mayFail { _ = try result.requireSuccess() }
    var model: BlockModel = [:]
    var known: [Substring: LabelSet] = [:]
    for line in result.outputText.split(separator: "\n") {
      guard let end = line.lastIndex(of: "}") else { continue }
      let columns = line[line.index(after: end)...].split(separator: " ")
      guard columns.count == 2, let value = Double(columns[0].replacing("Inf", with: "inf")),
        let time = Int64(columns[1])
      else { throw ProcessError(status: 0, message: "unexpected line of promtool: \(line)") }
      let labels = known[line[...end]] ?? Self.labels(line[...end])
      known[line[...end]] = labels
      if model[labels, default: [:]].updateValue(Self.bits(value), forKey: time) != nil {
        throw DuplicateSample(labels: labels, time: time)
      }
    }
    return model
  }

  /// Samples as ``dump(mayFail:)`` returns them.
  static func comparable(_ model: BlockModel) -> BlockModel {
    model.mapValues { samples in samples.mapValues { bits(Double(bitPattern: $0)) } }
  }

  /// By block: first and last time, numbers of samples, chunks and series.
  func list() throws -> [String: [String]] {
    let text = try runProcess("promtool", ["tsdb", "list", directory]).requireSuccess().outputText
    var rows: [String: [String]] = [:]
    for line in text.split(separator: "\n").dropFirst() {
      let columns = line.split(separator: " ").map(String.init)
      if columns.count == 8 { rows[columns[0]] = [1, 2, 4, 5, 6].map { columns[$0] } }
    }
    return rows
  }

  /// The numbers at the head of an analysis.
  ///
  /// - Parameter extended: Whether chunks are read, too.
  func analyze(_ id: BlockID, extended: Bool = false) throws -> [String: String] {
    let text = try runProcess(
      "promtool", ["tsdb", "analyze"] + (extended ? ["--extended"] : []) + [directory, "\(id)"]
    ).requireSuccess().outputText
    var numbers: [String: String] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      // Lists follow.
      if line.isEmpty { break }
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0] != "Block ID" else { continue }
      numbers[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return numbers
  }

  private static func bits(_ value: Double) -> UInt64 {
    value.isNaN ? Double.nan.bitPattern : value.bitPattern
  }

  /// `{a="b", c="d"}`, where no value needs an escape.
  private static func labels(_ text: Substring) -> LabelSet {
    LabelSet(
      text.dropFirst().dropLast().components(separatedBy: ", ").map { pair in
        let parts = pair.split(separator: "=", maxSplits: 1)
        return (name: Array(parts[0].utf8), value: Array(parts[1].dropFirst().dropLast().utf8))
      })
  }
}
