internal import BlockCatalog
internal import Console
internal import ObjectStore
internal import TSDBBlock

/// Brings deleted blocks back, one by one, and tells of each.
struct BlockReturn {
  let bucket: any Bucket
  let format: OutputFormat
  let context: ToolContext
  let isDryRun: Bool

  /// - Parameter isKnown: whether the block must be one that was deleted. Others that lack their
  ///   meta.json may just be being uploaded, and nothing is said of them.
  /// - Returns: `failed` when the block cannot be brought back, which was told then.
  func restore(_ id: BlockID, isKnown: Bool) throws -> ToolStatus {
    guard let versions = bucket.versions else {
      if isKnown { tellOfLoss(id) }
      return isKnown ? .failed : .clean
    }
    let restoration = BlockRestoration(id, in: bucket, versions)
    let isDryRun = isDryRun
    do {
      let plan = try waitFor {
        let plan = try await restoration.plan()
        if !isDryRun { try await restoration.run(plan) }
        return plan
      }
      try tell(id, plan)
      return .clean
    } catch BlockRestorationError.noMeta where !isKnown {
      return .clean
    } catch let error as BlockRestorationError {
      context.remark("blocktool: \(error)")
      return .failed
    }
  }

  /// Blocks of which the store keeps versions, whether they are deleted or not; nil when it does not
  /// tell, which was told then.
  func candidates() throws -> [BlockID]? {
    guard let versions = bucket.versions else { return [] }
    do {
      return try waitFor { try await BlockRestoration.candidates(in: versions) }
    } catch let error as BucketError {
      context.remark(
        "blocktool: \(error); deleted blocks were not looked for, only marks were removed")
      return nil
    }
  }

  private func tell(_ id: BlockID, _ plan: BlockRestoration.Plan) throws {
    let count = plan.objects.count
    switch format {
    case .text:
      try context.output.write(
        "\(id)  \(isDryRun ? "would be restored" : "restored"), "
          + "\(HumanText.plural(count, "object")), \(HumanText.bytes(plan.byteCount))\n")
    case .json:
      let line = RawJSON.object([
        "ulid": .string(id.description),
        "result": .string(isDryRun ? "would be restored" : "restored"),
        "objects": .count(Int64(count)), "bytes": .count(Int64(plan.byteCount)),
      ])
      try context.output.write(line.compactBytes + [0x0A])
    }
  }

  private func tellOfLoss(_ id: BlockID) {
    context.remark(
      "blocktool: block \(id) is deleted, in part at least. This tool sees no older versions of "
        + "objects in a bucket of this type; if the store keeps them, restore those below \(id)/ "
        + "with its own tools")
  }
}
