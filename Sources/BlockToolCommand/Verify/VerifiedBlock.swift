internal import BlockCatalog
internal import Console
internal import TSDBBlock

/// A block with what was found in it, without what only the search needed.
struct VerifiedBlock: Sendable {
  /// How the block is called: its directory, or its ULID where that is a copy.
  var directory: String
  let meta: BlockMeta?
  let contents: BlockScan.Contents
  let findings: [BlockScan.Finding]
  let findingCounts: [BlockScan.Finding.Code: Int]
  /// Whether the block waits to be deleted.
  let isMarkedForDeletion: Bool
  /// What a salvage would save and lose; nil when nothing is damaged.
  let report: SalvageReport?
  private let losses: LossesByPlace

  /// - Parameter threads: that read the block.
  init(_ directory: String, threads: Int) {
    var scan = BlockScan(directory: directory, threads: threads)
    FileHashes.check(&scan)
    self.directory = directory
    meta = scan.meta
    isMarkedForDeletion = FileSystem.exists("\(directory)/\(DeletionMark.fileName)")
    contents = scan.contents
    findings = scan.findings
    findingCounts = scan.findingCounts
    report = scan.isDamaged ? try? BlockSalvage(directory: directory).examine() : nil
    losses = LossesByPlace(report?.losses ?? [])
  }

  var isDamaged: Bool { findings.contains { $0.severity == .error } }

  /// What the damage as a whole means for the data; nil when nothing is damaged.
  var consequence: String? {
    guard let report else { return nil }
    return LossSentence(report).text
  }

  /// What one finding costs, as far as it can be told: `1 series loses 120 samples between … and …`.
  func loss(of finding: BlockScan.Finding) -> String? {
    guard finding.severity == .error else { return nil }
    return losses.sentence(finding)
  }
}

/// What is lost, to be found by the place of the damage.
private struct LossesByPlace {
  private struct Place: Hashable {
    var path: String
    var offset: Int?
  }

  private var losses: [Place: [SalvageReport.Loss]] = [:]

  init(_ all: [SalvageReport.Loss]) {
    for loss in all {
      losses[Place(path: loss.path, offset: loss.offset), default: []].append(loss)
      if loss.offset != nil {
        losses[Place(path: loss.path, offset: nil), default: []].append(loss)
      }
    }
  }

  /// A finding about a file as a whole is charged with all that is lost in it.
  func sentence(_ finding: BlockScan.Finding) -> String? {
    let isWholeFile = finding.section == nil || finding.offset == nil
    let place = Place(path: finding.path, offset: isWholeFile ? nil : finding.offset)
    guard let found = losses[place] else { return nil }
    return LossSentence.text(of: found)
  }
}
