/// Whether what is read must come from the store itself: whoever finds that some bytes are wrong
/// does not want them once more from a cache on the way, and the cache learns the right ones.
package enum FreshReads {
  @TaskLocal package static var isOn = false

  /// Runs `work`, which reads from the store itself where `isOn` says so.
  package static func run<Value: Sendable, Failure: Error>(
    _ isOn: Bool, _ work: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    guard isOn else { return try await work() }
    let result = await $isOn.withValue(true) { () async -> Result<Value, Failure> in
      do throws(Failure) {
        return .success(try await work())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
