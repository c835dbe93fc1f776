internal import ArgumentParser

/// `blocktool bucket …`
struct BucketCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bucket",
    abstract: "List, check and change the blocks of a bucket.",
    discussion: """
      blocktool bucket ls --objstore.config-file=bucket.yml
      blocktool bucket inspect --objstore.config-file=bucket.yml -l cluster=eu-1
      blocktool bucket mark --objstore.config-file=bucket.yml --id 01HR… --marker deletion \\
        --details 'sent twice'
      blocktool bucket cleanup --objstore.config-file=bucket.yml --dry-run

      Flags are those of 'thanos tools bucket', and 'blocktool tools bucket …' is accepted.
      Exit codes: 0 clean, 1 usage or I/O error, 2 something is wrong with blocks.
      """,
    subcommands: [
      BucketListCommand.self, BucketInspectCommand.self, BucketVerifyCommand.self,
      BucketMarkCommand.self, BucketUnmarkCommand.self, BucketUndeleteCommand.self,
      BucketCleanupCommand.self, BucketRetentionCommand.self, BucketDownsampleCommand.self,
      BucketPlanCommand.self, BucketReplicateCommand.self, BucketUploadCommand.self,
      BucketWebCommand.self, RewriteCommand.self,
    ])
}
