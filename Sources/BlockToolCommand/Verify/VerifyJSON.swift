internal import Console
internal import TSDBBlock

/// The answer of `verify` for programs. Keys are never renamed.
struct VerifyJSON {
  private let blocks: [VerifiedBlock]
  private let relations: [BlockRelation]

  init(_ blocks: [VerifiedBlock], _ relations: [BlockRelation]) {
    self.blocks = blocks
    self.relations = relations
  }

  var bytes: [UInt8] {
    RawJSON.object([
      "isDamaged": .bool(blocks.contains { $0.isDamaged }),
      "blocks": .array(blocks.map { value($0) }),
      "relations": .array(
        relations.map { relation in
          .object([
            "severity": .string("warning"), "code": .string(relation.kind.rawValue),
            "blocks": .array(relation.blocks.map { .string($0) }),
            "message": .string(relation.message),
          ])
        }),
    ]).compactBytes
  }

  private func value(_ block: VerifiedBlock) -> RawJSON {
    .object([
      "directory": .string(block.directory),
      "ulid": block.meta.map { .string($0.id.description) },
      "series": .count(block.contents.series),
      "chunks": .count(block.contents.chunks),
      "samples": .count(block.contents.samples),
      "isDamaged": .bool(block.isDamaged),
      "consequence": block.consequence.map { .string($0) },
      "lost": block.report.map { SalvageJSON.lost($0) },
      "lossCounts": block.report.map { SalvageJSON.lossCounts($0) },
      "findings": .array(block.findings.map { value($0, block) }),
      "findingCounts": .object(
        block.findingCounts.sorted { $0.key.rawValue < $1.key.rawValue }
          .map { RawJSON.Member(key: Array($0.key.rawValue.utf8), value: .count($0.value)) }),
    ])
  }

  private func value(_ finding: BlockScan.Finding, _ block: VerifiedBlock) -> RawJSON {
    .object([
      "severity": .string(finding.severity.rawValue), "code": .string(finding.code.rawValue),
      "path": .string(finding.path), "section": finding.section.map { .string($0) },
      "offset": finding.offset.map { .count($0) }, "message": .string(finding.message),
      "consequence": Consequence.text(finding).map { .string($0) },
      "loss": block.loss(of: finding).map { .string($0) },
    ])
  }
}
