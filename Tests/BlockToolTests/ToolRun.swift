import Console

@testable internal import BlockToolCommand

/// A command line that ran inside the test.
struct ToolRun {
  var status: ToolStatus
  var output: String
  var remarks: [String]

  init(_ arguments: String...) { self.init(arguments) }

  init(_ arguments: [String], width: Int? = nil) {
    let output = Output()
    var remarks: [String] = []
    status = BlockTool.run(
      arguments,
      ToolContext(
        output: output, terminal: Terminal(width: width), remark: { remarks.append($0) }))
    self.output = output.text
    self.remarks = remarks
  }

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}
