import CommandSupport
import Console
import Foundation
import ObjectStore
import TestSupport

@testable internal import BlockToolCommand

/// A command line that ran inside the test.
struct ToolRun {
  var status: ToolStatus
  var output: String
  var remarks: [String]

  init(_ arguments: String...) { self.init(arguments) }

  /// - Parameter isRemote: whether buckets look like stores without local files.
  init(_ arguments: [String], width: Int? = nil, isRemote: Bool = false) {
    let output = Output()
    var remarks: [String] = []
    var context = ToolContext(
      output: output, terminal: Terminal(width: width), remark: { remarks.append($0) })
    if isRemote {
      let open = context.openBucket
      context.openBucket = { RemoteBucket(try open($0)) }
    }
    status = BlockTool.run(arguments, context)
    self.output = output.text
    self.remarks = remarks
  }

  /// The same for tests that are asynchronous themselves: a command waits on its thread, which must be
  /// none of those that its own requests may need.
  static func onThread(_ arguments: [String]) async -> ToolRun {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: ToolRun(arguments)) }
    }
  }

  var lines: [String] { output.split(separator: "\n").map(String.init) }
}
