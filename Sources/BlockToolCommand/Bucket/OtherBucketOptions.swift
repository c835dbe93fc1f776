internal import ArgumentParser
internal import CommandSupport

/// The bucket that blocks are replicated to.
struct TargetBucketOptions: ParsableArguments {
  @Option(
    name: .customLong("objstore-to.config-file"),
    help: ArgumentHelp("YAML file that says which bucket to copy to.", valueName: "path"))
  var path: String?

  @Option(
    name: .customLong("objstore-to.config"),
    help: ArgumentHelp("The same as text.", valueName: "yaml"))
  var content: String?

  var source: ObjectStoreSource {
    ObjectStoreSource(name: "objstore-to.config", path: path, content: content)
  }

  func validate() throws { try source.validate(isOptional: false) }
}

/// The bucket that blocks are saved to before they are deleted.
struct BackupBucketOptions: ParsableArguments {
  @Option(
    name: .customLong("objstore-backup.config-file"),
    help: ArgumentHelp(
      "YAML file that says to which bucket blocks are copied before they are deleted.",
      valueName: "path"))
  var path: String?

  @Option(
    name: .customLong("objstore-backup.config"),
    help: ArgumentHelp("The same as text.", valueName: "yaml"))
  var content: String?

  var isGiven: Bool { path != nil || content != nil }

  var source: ObjectStoreSource {
    ObjectStoreSource(name: "objstore-backup.config", path: path, content: content)
  }

  func validate() throws { try source.validate(isOptional: true) }
}
