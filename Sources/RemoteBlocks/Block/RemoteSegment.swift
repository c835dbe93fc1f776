internal import ObjectStore
internal import Synchronization

/// A file of `chunks/`.
final class RemoteSegment: Sendable {
  let object: ObjectName
  /// `chunks/000001`.
  let path: String
  private let knownByteCount: Mutex<Int?>

  init(_ object: ObjectName, byteCount: Int?) {
    self.object = object
    path = "chunks/\(object.lastComponent)"
    knownByteCount = Mutex(byteCount)
  }

  /// Bytes, once they are known: from a listing, or since the end was met.
  var byteCount: Int? { knownByteCount.withLock { $0 } }

  func note(byteCount: Int) { knownByteCount.withLock { $0 = byteCount } }

  /// Names from meta.json are nobody's promise: one with a slash would lead elsewhere.
  static func isName(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { 48...57 ~= $0 }
  }
}
