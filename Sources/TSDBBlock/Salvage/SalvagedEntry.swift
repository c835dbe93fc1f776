/// A series entry that was found, read into memory that is used again.
struct SalvagedEntry {
  private(set) var id: UInt32 = 0
  private(set) var offset = 0
  private(set) var chunks: [ChunkSpan] = []
  /// As ranks; proven unless there is a ``flaw``.
  private(set) var labels: [LabelReference] = []
  private(set) var flaw: SalvagedLabels.Flaw?
  private var references: [LabelReference] = []

  /// - Parameter source: nil when no labels can be told.
  /// - Returns: false when the entry cannot be decoded.
  mutating func read(
    _ place: SeriesHunt.Place, _ index: SalvagedIndex, _ version: UInt8,
    _ source: SalvagedLabels?
  ) -> Bool {
    references.removeAll(keepingCapacity: true)
    chunks.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    id = place.id(version)
    offset = place.start
    do throws(DecodeError) {
      try SeriesEntry.decode(
        index.file.bytes.extracting(place.body), labels: &references, chunks: &chunks)
    } catch {
      return false
    }
    flaw = source.map { $0.resolve(references, id: id, into: &labels) } ?? .unproven
    return true
  }

  /// From the first to the last sample that the entry states.
  var times: ClosedRange<Int64>? {
    guard let first = chunks.map(\.minTime).min(), let last = chunks.map(\.maxTime).max(),
      first <= last
    else { return nil }
    return first...last
  }

  /// The loss of the whole series.
  func loss(_ flaw: SalvagedLabels.Flaw, _ strings: SalvagedStrings?) -> SalvageReport.Loss {
    let reason: SalvageReport.Loss.Reason =
      switch flaw {
      case .none: .labelsMissing
      case .ambiguous: .labelsAmbiguous
      case .unproven: .labelsUnproven
      }
    return SalvageReport.Loss(
      reason: reason, isSeries: true,
      labels: labels.isEmpty ? nil : strings?.labels(labels), times: times, path: "index",
      offset: offset)
  }
}
