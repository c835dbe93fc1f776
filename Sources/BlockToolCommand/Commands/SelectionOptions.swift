internal import ArgumentParser
internal import TSDBBlock

/// Which series of a block.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only series that match, as in PromQL: 'up{job=\"api\"}', '{\"my.metric\"}'. "
        + "Given several times, a series that matches one of them is enough.",
      valueName: "selector"))
  var match: [String] = []

  /// The ids of matching series, increasing.
  func select(_ index: IndexReader) throws -> [UInt32] {
    guard !match.isEmpty else { return try index.allPostings() }
    var ids: [UInt32] = []
    for selector in match {
      let matchers: [LabelMatcher]
      do {
        matchers = try SelectorParser.parse(selector)
      } catch {
        throw ToolError("\(error)")
      }
      ids += try index.select(matchers, allowsRemaining: false).ids
    }
    guard match.count > 1 else { return ids }
    return Array(Set(ids)).sorted()
  }
}

/// A point in time on the command line: Unix milliseconds or RFC 3339.
struct TimeArgument: ExpressibleByArgument {
  var milliseconds: Int64

  init?(argument: String) {
    if let number = Int64(argument) {
      milliseconds = number
    } else if let time = UploadTime(argument) {
      milliseconds = time.milliseconds
    } else {
      return nil
    }
  }
}
