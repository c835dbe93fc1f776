import Foundation
import TestSupport
import Testing

/// `compact plan`, the program.
struct CompactPlanTests {
  @Test func `cases of metas are planned as the reference plans them`() throws {
    let path = "compact/planner.jsonl"
    let cases = try Golden.jsonLines(path)
    let output = try runProcess(
      try builtProgram("compact"), ["plan", "--metas", try Golden.existing(path)]
    ).requireSuccess().outputText
    let answers = output.split(separator: "\n")
    #expect(answers.count == cases.count)
    for (test, line) in zip(cases, answers) {
      let answer = try JSONValue(parsing: Array(line.utf8))
      #expect(answer["id"].string == test["id"].string)
      #expect(
        (answer["plan"].array ?? []).map(\.string) == (test["plan"].array ?? []).map(\.string),
        "\(test["id"])")
      // The size of an index is not known: the reference has written marks before it found that.
      if test["error"].string != nil { continue }
      #expect(
        (answer["newMarks"].array ?? []).map { $0["ulid"].string }
          == (test["newMarks"].array ?? []).map { $0["ulid"].string }, "\(test["id"])")
    }
  }

  @Test func `a bucket is told about and not changed`() throws {
    let bucket = try Golden.unpacked("compact/ha/input.tar.gz") + "/bucket"
    let flags = [
      "plan", "--objstore.config={type: FILESYSTEM, config: {directory: \"\(bucket)\"}}",
      "--deduplication.replica-label=replica", "--retention.resolution-raw=100y",
    ]
    let before = try runProcess("find", [bucket]).requireSuccess().outputText
    let program = try builtProgram("compact")
    let json = try runProcess(program, flags + ["--output", "json"]).requireSuccess().outputText
    let plan = try JSONValue(parsing: Array(json.utf8))
    let names = try FileManager.default.contentsOfDirectory(atPath: bucket)
    #expect(Set((plan["blocks"].array ?? []).compactMap { $0["ulid"].string }) == Set(names))
    #expect((plan["compactions"].array ?? []).contains { $0["vertical"].bool == true })

    let text = try runProcess(program, flags).requireSuccess().outputText
    #expect(text.contains("compactions, in order"))
    let one = try #require(names.first)
    let explanation = try runProcess(program, flags + ["--explain", one]).requireSuccess()
    #expect(explanation.outputText.hasPrefix("\(one)  "))
    #expect(try runProcess("find", [bucket]).requireSuccess().outputText == before)
  }

  @Test func `a mistake is one line`() throws {
    let program = try builtProgram("compact")
    for (arguments, message) in [
      (["plan"], "compact plan: give --objstore.config-file=PATH or --objstore.config=YAML"),
      (["plan", "--metas", "/nowhere"], "compact plan: --metas: cannot read /nowhere:"),
      (
        ["--deduplication.func=penalty", "--objstore.config=x"],
        "compact: --deduplication.func=penalty needs --deduplication.replica-label"
      ),
      (
        ["--retention.resolution-raw=39h", "--objstore.config=x"],
        "compact: --retention.resolution-raw=1d15h is too short"
      ),
    ] {
      let result = try runProcess(program, arguments)
      #expect(result.status == 1)
      #expect(result.errorText.hasPrefix(message), "\(result.errorText)")
      #expect(result.errorText.split(separator: "\n").count == 1)
    }
  }
}
