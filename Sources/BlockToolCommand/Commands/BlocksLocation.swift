internal import ArgumentParser
internal import Buckets
internal import ObjectStore
internal import TSDBBlock

/// Where blocks lie: a directory, or a bucket as the services configure it.
struct BlocksLocation: ParsableArguments {
  @Argument(help: "The directory that holds the blocks.")
  var directory: String?

  @Option(
    name: .customLong("objstore.config-file"),
    help: ArgumentHelp("YAML file that names the bucket instead.", valueName: "path"))
  var configurationFile: String?

  @Option(
    name: .customLong("objstore.config"),
    help: ArgumentHelp("The same as text.", valueName: "yaml"))
  var configuration: String?

  func validate() throws {
    let given = [directory, configurationFile, configuration].compactMap { $0 }
    guard given.count == 1 else {
      throw ValidationError(
        "Name a directory, or a bucket with --objstore.config-file or --objstore.config.")
    }
  }

  /// The local directory with the blocks.
  func path() throws -> String {
    let path = try directory ?? bucketDirectory()
    guard isDirectory(path) else {
      throw ToolError("\(path) is not a directory; name one that holds blocks")
    }
    return path
  }

  private func bucketDirectory() throws -> String {
    let origin = configurationFile ?? "--objstore.config"
    do {
      let text = try expandEnvironment(in: try configurationText())
      let bucket = try BucketConfiguration.parse(yaml: text)
      guard let directory = bucket.localDirectory else {
        throw ToolError("\(origin): the bucket is no directory of this machine")
      }
      return directory
    } catch let error as ConfigurationError {
      throw ToolError("\(origin): \(error)")
    }
  }

  private func configurationText() throws -> String {
    guard let configurationFile else { return configuration ?? "" }
    do {
      let storage = try ByteStorage(mapping: configurationFile)
      // SAFETY: reads the bytes of the span only.
      return unsafe storage.bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    } catch {
      throw ToolError("\(error)")
    }
  }
}
