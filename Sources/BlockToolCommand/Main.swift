internal import Console
internal import Glibc

/// The program.
@main
struct Main {
  static func main() {
    // A reader that goes away is an error of write, not the end of the process.
    _ = signal(SIGPIPE, SIG_IGN)
    Interruption.begin()
    let progress = ProgressLine.onStandardError()
    let context = ToolContext(
      output: Output(descriptor: STDOUT_FILENO), terminal: .current(),
      remark: {
        Interruption.check()
        progress?.clear()
        writeError($0)
      }, progress: progress)
    let status = BlockTool.run(Array(CommandLine.arguments.dropFirst()), context)
    Interruption.check()
    exit(status.rawValue)
  }
}
