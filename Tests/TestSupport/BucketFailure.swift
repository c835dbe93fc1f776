public import ObjectStore

/// What a piece of work with a bucket fails with; nil when it does not.
public func bucketFailure(
  isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Void
) async -> BucketError? {
  do {
    try await work()
    return nil
  } catch {
    return error as? BucketError
  }
}
