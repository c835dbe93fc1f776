internal import ArgumentParser
internal import TSDBBlock

/// External labels on the command line: `--label cluster=eu-1`.
enum ExternalLabels {
  /// Sorted by name.
  static func parse(_ texts: [String]) throws -> [ThanosMeta.Label] {
    var labels: [ThanosMeta.Label] = []
    for text in texts {
      let parts = text.utf8.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw ValidationError("--label \(text) is not of the form name=value.")
      }
      let new = ThanosMeta.Label(name: Array(parts[0]), value: Array(parts[1]))
      guard !labels.contains(where: { $0.name == new.name }) else {
        throw ValidationError("--label gives the name of \(text) twice.")
      }
      labels.append(new)
    }
    return labels.sorted()
  }
}
