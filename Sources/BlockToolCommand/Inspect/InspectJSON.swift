internal import Console
internal import TSDBBlock

/// The answer of `inspect` for programs. Keys are never renamed.
struct InspectJSON {
  private let scan: BlockScan
  private let top: Int

  init(_ scan: BlockScan, _ top: Int) {
    self.scan = scan
    self.top = top
  }

  var bytes: [UInt8] {
    let contents = scan.contents
    return RawJSON.object([
      "directory": .string(scan.directory),
      "ulid": scan.meta.map { .string($0.id.description) },
      "minTime": scan.meta.map { .count($0.minTime) },
      "maxTime": scan.meta.map { .count($0.maxTime) },
      "firstSampleTime": contents.minTime.map { .count($0) },
      "lastSampleTime": contents.maxTime.map { .count($0) },
      "compactionLevel": scan.meta.map { .count($0.compaction.level) },
      "series": .count(contents.series),
      "chunks": .count(contents.chunks),
      "samples": .count(contents.samples),
      "symbols": .count(contents.symbols),
      "postingsLists": .count(contents.postingsLists),
      "labelPairs": .count(contents.labelPairs),
      "tombstones": .count(contents.tombstones),
      "thanos": thanos,
      "files": files,
      "indexVersion": scan.indexVersion.map { .count($0) },
      "sections": sections,
      "encodings": encodings,
      "cardinality": cardinality,
      "isDeep": .bool(scan.depth == .samples),
      "isDamaged": .bool(scan.isDamaged),
      "problems": problems,
      "problemCounts": problemCounts,
    ]).compactBytes
  }

  private var thanos: RawJSON? {
    guard let thanos = scan.meta?.thanos else { return nil }
    return .object([
      "labels": .labels(thanos.labels.map { ($0.name, $0.value) }),
      "resolution": .count(thanos.resolution),
      "source": .string(thanos.source),
      "uploadTime": .string(thanos.uploadTime.description),
    ])
  }

  private var files: RawJSON {
    .array(scan.files.map { .object(["path": .string($0.path), "size": .count($0.size)]) })
  }

  private var sections: RawJSON {
    .array(
      scan.sections.map { section in
        .object([
          "name": .string(section.name), "offset": .count(section.offset),
          "length": .count(section.length), "entries": section.entries.map { .count($0) },
          "checksum": .string(section.state.rawValue),
        ])
      })
  }

  private var encodings: RawJSON {
    .array(
      scan.contents.encodings.map { encoding in
        .object([
          "encoding": .count(encoding.encoding.rawValue), "name": .string(encoding.encoding.name),
          "chunks": .count(encoding.chunks), "samples": .count(encoding.samples),
          "bytes": .count(encoding.bytes),
        ])
      })
  }

  private var cardinality: RawJSON {
    let labels = scan.cardinality
    func list(_ entries: [BlockScan.Cardinality.Entry]) -> RawJSON {
      .array(
        entries.prefix(top).map {
          .object(["label": .string($0.label), "count": .count($0.count)])
        })
    }
    return .object([
      "labelNames": .count(labels.labelNames), "labelPairs": .count(labels.labelPairs),
      "churningPairs": list(labels.churningPairs), "churningNames": list(labels.churningNames),
      "commonPairs": list(labels.commonPairs), "longestValues": list(labels.longestValues),
      "highestLabels": list(labels.highestLabels),
      "highestMetrics": list(labels.highestMetrics),
    ])
  }

  private var problems: RawJSON {
    .array(
      scan.findings.map { finding in
        .object([
          "severity": .string(finding.severity.rawValue), "code": .string(finding.code.rawValue),
          "path": .string(finding.path), "section": finding.section.map { .string($0) },
          "offset": finding.offset.map { .count($0) }, "message": .string(finding.message),
        ])
      })
  }

  private var problemCounts: RawJSON {
    .object(
      scan.findingCounts.sorted { $0.key.rawValue < $1.key.rawValue }
        .map { RawJSON.Member(key: Array($0.key.rawValue.utf8), value: .count($0.value)) })
  }
}
