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

  private static let condition = [(name: "if-none-match", value: "*")]

  func create(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    switch conditions.support {
    case .kept: return try await createOnce(bytes, at: name)
    case .refused: throw unsupported(name)
    case .unknown: break
    }
    if try await exists(name, .upload) { throw taken(name) }
    try await createOnce(bytes, at: name)
    do {
      try await put(.bytes(bytes), to: name, headers: Self.condition)
    } catch  where error.code == .preconditionFailed {
      conditions.support = .kept
      return
    }
    conditions.support = .refused
    throw unsupported(name)
  }

  private func createOnce(_ bytes: [UInt8], at name: ObjectName) async throws(BucketError) {
    do {
      try await put(.bytes(bytes), to: name, headers: Self.condition)
    } catch  where error.code == .preconditionFailed {
      // An earlier try may have worked, and its answer been lost.
      if let stored = try? await read(name), stored == bytes { return }
      throw taken(name)
    }
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
