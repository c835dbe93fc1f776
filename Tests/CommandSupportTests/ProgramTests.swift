import ArgumentParser
import Buckets
import Foundation
import ObjectStore
import TestSupport
import Testing

@testable import CommandSupport

private struct Sample: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sample")

  @OptionGroup var logging: LogOptions
  @OptionGroup var objectStore: ObjectStoreOptions
  @Option(name: .customLong("retention.resolution-5m")) var retention = PrometheusDuration(
    milliseconds: 0)
  @Option(help: .hidden) var chunkPoolSize = ByteSize(byteCount: 1 << 31)
  @Option var minTime: TimeOrDuration?
  @Flag(name: [.short, .long]) var wait = false
  @Flag(inversion: .prefixedNo) var cacheIndexHeader = true
}

@Suite struct ProgramTests {
  private let known = longNames(inHelp: Sample.helpMessage(includeHidden: true))

  private func prepare(_ arguments: String...) -> PreparedArguments {
    PreparedArguments(
      arguments, leadingWord: "store",
      ignoring: IgnoredFlags.common.union(
        IgnoredFlags(valued: ["web.prefix"], switches: ["web.disable"])), known: known)
  }

  private func parse(_ arguments: String...) throws -> Sample {
    try Sample.parse(["--objstore.config", "x"] + arguments)
  }

  @Test func `dotted names, equal signs and durations are understood`() throws {
    let sample = try parse(
      "--log.level=warn", "--log.format", "json", "--retention.resolution-5m=2w",
      "--min-time=-30d", "--chunk-pool-size=2GB", "-w", "--no-cache-index-header")
    #expect(sample.logging.level == .warn)
    #expect(sample.logging.format == .json)
    #expect(sample.retention.milliseconds == 1_209_600_000)
    #expect(sample.minTime == .relative(milliseconds: -2_592_000_000))
    #expect(sample.wait)
    #expect(!sample.cacheIndexHeader)
  }

  @Test func `the help names all flags, hidden ones too`() {
    for name in [
      "log.level", "log.format", "objstore.config-file", "objstore.config",
      "retention.resolution-5m", "chunk-pool-size", "min-time", "wait", "cache-index-header",
      "no-cache-index-header", "help",
    ] { #expect(known.contains(name), "\(name)") }
  }

  @Test func `an empty value may stand behind an equals sign`() throws {
    #expect(prepare("--objstore.config=").arguments == ["--objstore.config", ""])
    #expect(prepare("--objstore.config=a=").arguments == ["--objstore.config=a="])
    let sample = try Sample.parse(prepare("--objstore.config=", "--wait").arguments)
    #expect(sample.objectStore.content == "")
  }

  @Test func `a leading word is dropped, once`() {
    #expect(prepare("store", "--wait").arguments == ["--wait"])
    #expect(prepare("store", "store").arguments == ["store"])
    #expect(prepare("--wait", "store").arguments == ["--wait", "store"])
    #expect(prepare().arguments == [])
  }

  @Test func `flags without effect are taken out with their values`() {
    let prepared = prepare(
      "--enable-auto-gomemlimit", "--auto-gomemlimit.ratio=0.8", "--tracing.config-file", "x.yml",
      "--wait", "--no-web.disable", "--web.prefix", "--web.disable", "--min-time", "-2w")
    #expect(prepared.arguments == ["--wait", "--min-time", "-2w"])
    #expect(
      prepared.ignored == [
        "enable-auto-gomemlimit", "auto-gomemlimit.ratio", "tracing.config-file",
        "no-web.disable", "web.prefix",
      ])
  }

  @Test func `a negated switch takes back an earlier one`() {
    #expect(prepare("--wait", "--no-wait").arguments == [])
    #expect(prepare("--no-wait", "--wait").arguments == ["--wait"])
    #expect(prepare("--no-cache-index-header").arguments == ["--no-cache-index-header"])
    #expect(prepare("--no-such").arguments == ["--no-such"])
    #expect(prepare("--no-such", "--wait").unknown == ["no-such"])
  }

  @Test func `behind two dashes nothing is touched`() {
    #expect(prepare("--", "--web.disable").arguments == ["--", "--web.disable"])
  }

  @Test func `an unknown flag names the nearest one`() {
    let error = #expect(throws: (any Error).self) { try parse("--log.levle=warn") }
    #expect(
      error.map { Sample.message(for: $0) }
        == "Unknown option '--log.levle'. Did you mean '--log.level'?")
  }

  @Test func `exactly one way to name the bucket is taken`() async throws {
    let both = #expect(throws: (any Error).self) {
      try Sample.parse(["--objstore.config=a", "--objstore.config-file=b"])
    }
    #expect(
      both.map { Sample.message(for: $0) }
        == "give either --objstore.config-file or --objstore.config, not both")
    let none = try Sample.parse([])
    let error = await #expect(throws: CommandError.self) {
      try await none.objectStore.makeBucket()
    }
    #expect(
      error?.description == "give --objstore.config-file=PATH or --objstore.config=YAML")
  }

  @Test func `the bucket configuration comes from a file or from the flag`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/bucket.yml"
      try Data("type: FILESYSTEM\nconfig:\n  directory: \(directory)\n".utf8)
        .write(to: URL(fileURLWithPath: path))
      let fromFile = try Sample.parse(["--objstore.config-file", path])
      #expect(
        try await fromFile.objectStore.configuration()
          == BucketConfiguration(store: .filesystem(directory: directory)))
      let fromFlag = try Sample.parse([
        "--objstore.config={type: FILESYSTEM, config: {directory: /x}}"
      ])
      #expect(try await fromFlag.objectStore.makeBucket().name == "fs: /x")
    }
  }

  @Test func `a fault in the configuration names flag, file and line`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/bucket.yml"
      try Data("type: FILESYSTEM\nconfig:\n  directroy: /x\n".utf8)
        .write(to: URL(fileURLWithPath: path))
      let options = try Sample.parse(["--objstore.config-file", path]).objectStore
      let error = await #expect(throws: CommandError.self) { try await options.configuration() }
      #expect(
        error?.description == "--objstore.config-file \(path): line 3: "
          + "unknown key \"directroy\" in config; did you mean \"directory\"?")
      let missing = try Sample.parse(["--objstore.config-file", path + "x"]).objectStore
      let second = await #expect(throws: CommandError.self) { try await missing.configuration() }
      #expect(
        second?.description == "--objstore.config-file \(path)x: cannot read the file: "
          + "no such file or directory")
    }
  }

  @Test func `flags of Thanos' parser become those of ours`() {
    #expect(prepare("--help-long").arguments == ["--help-hidden"])
    #expect(
      prepare("--completion-script-bash").arguments == ["--generate-completion-script", "bash"])
    #expect(
      prepare("--completion-script-zsh").arguments == ["--generate-completion-script", "zsh"])
    #expect(prepare("--help-long").unknown == [])
  }

  @Test func `a switch is taken back by its negation, and given again by itself`() {
    #expect(prepare("--wait", "--no-wait").arguments == [])
    #expect(prepare("--no-wait", "--wait").arguments == ["--wait"])
  }
}

@Suite struct FlagReportTests {
  private let definitions = FlagDefinition.all(of: Sample.self)

  private func values(_ arguments: String...) -> [String: String] {
    FlagReport(definitions: definitions, arguments: arguments).values
  }

  @Test func `every flag has a value, those that were not given their default`() {
    let values = values()
    #expect(values["log.level"] == "info")
    #expect(values["wait"] == "false")
    #expect(values["cache-index-header"] == "true")
    #expect(values["min-time"] == "")
    #expect(values["chunk-pool-size"] == "2GiB")
    #expect(values["help"] == nil)
  }

  @Test func `a value that was given is shown as it was written`() {
    let values = values(
      "--log.level=warn", "--min-time", "-30d", "-w", "--no-cache-index-header", "--", "--x")
    #expect(values["log.level"] == "warn")
    #expect(values["min-time"] == "-30d")
    #expect(values["wait"] == "true")
    #expect(values["cache-index-header"] == "false")
  }

  @Test func `YAML and passwords are not shown, paths are`() {
    let values = values(
      "--objstore.config={secret_key: abc}", "--objstore.config-file", "bucket.yml",
      "--min-time=https://me:abc@host/x")
    #expect(values["objstore.config"] == "<REDACTED>")
    #expect(values["objstore.config-file"] == "bucket.yml")
    #expect(values["min-time"] == "https://me:<REDACTED>@host/x")
    #expect(!values.values.contains { $0.contains("abc") })
  }
}
