internal import ArgumentParser
internal import TSDBBlock

/// A kind of mark on the command line: its file's name as in Thanos, or a word.
enum MarkerArgument: String, ExpressibleByArgument, CaseIterable {
  case deletion
  case noCompact = "no-compact"
  case noDownsample = "no-downsample"

  init?(argument: String) {
    let word = argument.hasSuffix("-mark.json") ? String(argument.dropLast(10)) : argument
    self.init(rawValue: word)
  }

  var fileName: String { rawValue + "-mark.json" }

  func mark(_ id: BlockID, details: String, seconds: Int64) -> any BlockMark {
    switch self {
    case .deletion: DeletionMark(id: id, details: details, time: seconds)
    case .noCompact:
      NoCompactMark(id: id, details: details, time: seconds, reason: MarkReason.manual)
    case .noDownsample:
      NoDownsampleMark(id: id, details: details, time: seconds, reason: MarkReason.manual)
    }
  }
}

/// Which marks of which blocks.
struct MarkOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The block; may be given again.", valueName: "ulid"))
  var id: [BlockID]

  @Option(
    help: "deletion, no-compact or no-downsample, or the name of the file as Thanos takes it.")
  var marker: MarkerArgument

  func validate() throws {
    guard !id.isEmpty else { throw ValidationError("Give --id.") }
  }
}
