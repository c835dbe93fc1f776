internal import ObjectStore
internal import Synchronization

// A conditional write is only as good as the store's word: many stores take the condition and
// ignore it. So the first object created is created a second time, which must be refused.
extension S3Bucket {
  /// What is known of the store's conditional writes.
  final class Conditions: Sendable {
    enum Support: Sendable { case unknown, refused, kept }

    private let state = Mutex(Support.unknown)

    var support: Support {
      get { state.withLock { $0 } }
      set { state.withLock { $0 = newValue } }
    }
  }

  /// The status of a condition that does not hold.
  private static let refusal = 412

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    switch conditions.support {
    case .kept: return try await createOnce(bytes, at: name)
    case .refused: throw unsupported(name)
    case .unknown: break
    }
    if try await exists(name, .upload) { throw taken(name) }
    try await createOnce(bytes, at: name)
    conditions.support =
      try await putNew(bytes, at: name).status == Self.refusal ? .kept : .refused
    if conditions.support == .refused { throw unsupported(name) }
  }

  private func createOnce(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    let answer = try await putNew(bytes, at: name)
    guard answer.status == Self.refusal else { return }
    // An earlier try may have worked, and its answer been lost.
    if answer.failures > 0, let stored = try? await read(name), stored == bytes { return }
    throw taken(name)
  }

  private func putNew(
    _ bytes: [UInt8], at name: ObjectName
  ) async throws(BucketError) -> S3Answer {
    try await put(
      .bytes(bytes), to: name, headers: [("if-none-match", "*")], accepted: [Self.refusal])
  }

  private func taken(_ name: ObjectName) -> BucketError {
    BucketError(.preconditionFailed, .upload, object: name.text, detail: "it exists already")
  }

  private func unsupported(_ name: ObjectName) -> BucketError {
    BucketError(
      .permanent, .upload, object: name.text,
      detail: "the store cannot create an object only if it is not there (If-None-Match)")
  }
}
