internal import Console
internal import Glibc

/// The program.
@main
struct Main {
  static func main() {
    // A reader that goes away is an error of write, not the end of the process.
    _ = signal(SIGPIPE, SIG_IGN)
    let progress = ProgressLine.onStandardError()
    let context = ToolContext(
      output: Output(descriptor: STDOUT_FILENO), terminal: .current(),
      remark: {
        progress?.clear()
        writeError($0)
      }, progress: progress)
    exit(BlockTool.run(Array(CommandLine.arguments.dropFirst()), context).rawValue)
  }
}
