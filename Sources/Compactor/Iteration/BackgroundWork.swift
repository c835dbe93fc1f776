internal import Logging
internal import ObjectStore
internal import Telemetry

/// What a compactor that waits does beside its iterations, which may take hours.
struct BackgroundWork: Sendable {
  let configuration: CompactorConfiguration
  let bucket: any Bucket
  let view: BucketView
  let environment: CompactorEnvironment

  /// Runs until it is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      if let interval = configuration.cleanupInterval {
        group.addTask { await repeatedly(every: interval, "clean the bucket", cleanUp) }
      }
      if let interval = configuration.progressInterval {
        group.addTask { await repeatedly(every: interval, "find out what is to do", estimate) }
      }
      await group.waitForAll()
    }
  }

  private func repeatedly(
    every interval: Duration, _ purpose: String,
    _ body: @Sendable () async throws(BucketError) -> Void
  ) async {
    while !Task.isCancelled {
      do {
        try await body()
      } catch {
        environment.logger.warning("cannot \(purpose)", metadata: ["error": "\(error)"])
      }
      try? await Task.sleep(for: interval)
    }
  }

  private func cleanUp() async throws(BucketError) {
    let partials = PartialUploads(bucket: bucket, environment: environment)
    _ = await partials.remove(from: try await view.fetch())
    environment.metrics.cleanupLoops.increment()
  }

  private func estimate() async throws(BucketError) {
    let work = PendingWork(try await view.fetch(), configuration, now: environment.now())
    environment.metrics.set(work)
  }
}
