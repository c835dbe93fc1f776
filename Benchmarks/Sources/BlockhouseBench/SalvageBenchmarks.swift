internal import Glibc
internal import TSDBBlock

/// Scanning and salvaging a block of 100,000 series whose table of contents is damaged, and one
/// whose symbols are, so that all labels come from the postings.
func salvageBenchmarks() throws -> [Measurement] {
  let (shape, directories) = try benchmarkBlocks()
  let output = "/tmp/blockhouse-bench-salvaged"
  let id = BlockID.make(now: 0)
  func run(_ name: String, _ directory: String) throws -> Measurement {
    try measure(name, unit: "sample", unitsPerRound: shape.samplesPerBlock, maxRounds: 3) {
      guard system("rm -rf \(output)") == 0 else { throw BlockError(.unwritable, detail: output) }
      let report = try BlockSalvage(directory: directory).write(to: output, id: id)
      guard report?.isComplete == true else {
        throw BlockError(.malformed, detail: "\(report as Any)")
      }
      return UInt64(report?.written.samples ?? 0)
    }
  }
  let table = try damaged(directories[0], "table", "truncate -s -1 index")
  let symbols = try damaged(
    directories[0], "symbols", "printf x | dd of=index bs=1 seek=40 conv=notrunc status=none")
  return [
    measure("scan a block", unit: "sample", unitsPerRound: shape.samplesPerBlock, maxRounds: 3) {
      UInt64(BlockScan(directory: directories[0]).contents.samples)
    },
    try measure(
      "examine a block", unit: "sample", unitsPerRound: shape.samplesPerBlock, maxRounds: 3
    ) { UInt64(try BlockSalvage(directory: table).examine()?.written.samples ?? 0) },
    try run("salvage without a table of contents", table),
    try run("salvage without symbols", symbols),
  ]
}

/// A copy of a block on which a shell command was run.
private func damaged(_ block: String, _ name: String, _ command: String) throws -> String {
  let copy = "/tmp/blockhouse-bench-damaged-\(name)"
  guard system("rm -rf \(copy) && cp -r \(block) \(copy) && cd \(copy) && \(command)") == 0 else {
    throw BlockError(.unwritable, detail: command)
  }
  return copy
}
