internal import ArgumentParser
internal import CommandSupport

/// Flags of the view of all blocks in the bucket, which is looked at when somebody opens it.
struct ViewerOptions: ParsableArguments {
  @Option(
    name: .customLong("block-viewer.global.sync-block-interval"),
    help: ArgumentHelp(
      "How old the page of all blocks may be before the bucket is looked at again.",
      valueName: "duration"))
  var interval = PrometheusDuration(milliseconds: 60_000)

  @Option(
    name: .customLong("block-viewer.global.sync-block-timeout"),
    help: ArgumentHelp("How long that look may take.", valueName: "duration"))
  var limit = PrometheusDuration(milliseconds: 300_000)

  func validate() throws {
    guard limit.milliseconds > 0 else {
      throw ValidationError("--block-viewer.global.sync-block-timeout must be longer than 0s")
    }
  }
}
