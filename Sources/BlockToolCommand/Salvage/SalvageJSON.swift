internal import Console
internal import TSDBBlock

/// The answer of `salvage` for programs. Keys are never renamed.
struct SalvageJSON {
  private let report: SalvageReport
  private let target: String?

  /// - Parameter target: the directory of the new block, if there is one.
  init(_ report: SalvageReport, _ target: String?) {
    self.report = report
    self.target = target
  }

  var bytes: [UInt8] { value.compactBytes }

  private var value: RawJSON {
    .object([
      "directory": .string(report.directory),
      "source": report.source.map { .string($0.description) },
      "output": target.map { .string($0) },
      "ulid": report.meta.map { .string($0.id.description) },
      "minTime": report.meta.map { .count($0.minTime) },
      "maxTime": report.meta.map { .count($0.maxTime) },
      "isComplete": .bool(report.isComplete),
      "isBalanced": .bool(report.isBalanced),
      "stated": report.stated.map { totals($0) },
      "found": totals(report.found),
      "written": totals(report.written),
      "lost": Self.lost(report),
      "unaccounted": report.unaccounted.map { totals($0) },
      "duplicateSamples": .count(report.duplicateSamples),
      "conflictingSamples": .count(report.conflictingSamples),
      "outsideSamples": .count(report.outsideSamples),
      "mergedSeries": .count(report.mergedSeries),
      "deletions": deletions,
      "repairs": .array(report.repairs.map { .string($0) }),
      "lossCounts": Self.lossCounts(report),
      "losses": .array(report.losses.map { loss($0) }),
    ])
  }

  private func totals(_ totals: SalvageReport.Totals) -> RawJSON {
    .object([
      "series": .count(totals.series), "chunks": .count(totals.chunks),
      "samples": .count(totals.samples),
    ])
  }

  static func lost(_ report: SalvageReport) -> RawJSON {
    .object([
      "series": .count(report.lost.series), "chunks": .count(report.lost.chunks),
      "samples": .count(report.lost.samples),
      "chunksOfUnknownCount": .count(report.lost.chunksOfUnknownCount),
      "seriesBytes": .count(report.lost.seriesBytes),
    ])
  }

  static func lossCounts(_ report: SalvageReport) -> RawJSON {
    .object(
      report.lossCounts.sorted { $0.key.rawValue < $1.key.rawValue }
        .map { RawJSON.Member(key: Array($0.key.rawValue.utf8), value: .count($0.value)) })
  }

  private var deletions: RawJSON {
    switch report.deletions {
    case .none: .object(["state": .string("none")])
    case .kept(let count): .object(["state": .string("kept"), "count": .count(count)])
    case .lost(let reason): .object(["state": .string("lost"), "reason": .string(reason)])
    }
  }

  private func loss(_ loss: SalvageReport.Loss) -> RawJSON {
    .object([
      "reason": .string(loss.reason.rawValue),
      "isSeries": .bool(loss.isSeries),
      "labels": loss.labels.map { .labels($0.pairs) },
      "minTime": loss.times.map { .count($0.lowerBound) },
      "maxTime": loss.times.map { .count($0.upperBound) },
      "samples": loss.samples.map { .count($0) },
      "path": .string(loss.path),
      "offset": loss.offset.map { .count($0) },
    ])
  }
}
