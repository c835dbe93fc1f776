internal import ObjectStore

extension Flights {
  /// The answer of a request to a bucket, which is made once however many ask. Those who distrust
  /// caches make it themselves: one under way may be answered by what they distrust.
  ///
  /// - Throws: what the request throws; a transient error when this task is cancelled.
  func once<Value: Sendable>(
    _ key: Key, _ operation: BucketOperation, _ object: String,
    _ work: @escaping @Sendable () async throws(BucketError) -> Value
  ) async throws(BucketError) -> Value where Answer == Result<Value, BucketError> {
    if FreshReads.isOn { return try await work() }
    let answer = await run(key) {
      do throws(BucketError) {
        return .success(try await work())
      } catch {
        return .failure(error)
      }
    }
    guard let answer else {
      throw BucketError(.transient, operation, object: object, detail: "cancelled")
    }
    return try answer.get()
  }
}
