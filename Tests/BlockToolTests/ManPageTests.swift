internal import Foundation
internal import TestSupport
internal import Testing

/// What `make man` makes of the flags of blocktool.
@Suite struct `Man pages` {
  private static let isInstalled = (try? runProcess("mandoc", ["-Tlint", "/dev/null"])) != nil

  @Test(.enabled(if: isInstalled))
  func `every command has a page that mandoc accepts`() throws {
    try withTemporaryDirectory { directory in
      let program = try builtProgram("blocktool")
      _ = try runProcess(
        "python3", [Golden.repository + "/Scripts/man_pages.py", directory, program]
      ).requireSuccess()
      let pages = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
      #expect(pages.count > 25)
      #expect(pages.contains("blocktool-bucket-ls.1"))
      for page in pages {
        let lint = try runProcess("mandoc", ["-Tlint", "-Wwarning", "\(directory)/\(page)"])
        #expect(lint.output.isEmpty, "\(page): \(lint.outputText)")
      }
      let text = try runProcess("mandoc", ["-Tascii", directory + "/blocktool-bucket-ls.1"])
        .requireSuccess().outputText
      #expect(text.contains("exclude-delete") || text.contains("e\u{8}ex"))
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions know the flags of commands in commands`(shell: String) throws {
    let script = try runProcess(
      try builtProgram("blocktool"), ["--generate-completion-script", shell]
    ).requireSuccess().outputText
    #expect(script.contains("objstore.config-file"))
    #expect(script.contains("exclude-delete"))
    if shell == "bash" {
      try withTemporaryDirectory { directory in
        try script.write(toFile: directory + "/s", atomically: true, encoding: .utf8)
        _ = try runProcess("bash", ["-n", directory + "/s"]).requireSuccess()
      }
    }
  }
}
