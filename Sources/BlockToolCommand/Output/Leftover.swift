internal import Synchronization
internal import TSDBBlock

/// Files that are worth nothing unless their command comes to its end: copies of remote blocks, blocks
/// that are being written. They go away with the value, or with the program when it is told to stop.
final class Leftover {
  private static let all = Mutex<[Int: [String]]>([:])
  private static let next = Atomic(0)

  private let paths: [String]
  private let number: Int
  private var isKept = false

  /// - Parameter paths: need not exist yet. What a path is renamed to on its way stands behind it.
  init(_ paths: String...) {
    self.paths = paths
    let number = Self.next.wrappingAdd(1, ordering: .relaxed).newValue
    self.number = number
    Self.all.withLock { $0[number] = paths }
  }

  /// Leaves the files where they are, because they are finished, or gone.
  func keep() {
    isKept = true
    forget()
  }

  private func forget() {
    let number = number
    _ = Self.all.withLock { $0.removeValue(forKey: number) }
  }

  /// Removes the files of all, while their commands still run.
  static func removeAll() {
    for path in all.withLock({ $0.values.flatMap { $0 } }) {
      guard FileSystem.exists(path) else { continue }
      // Whoever is about to give the files their name finds them no more, so that nothing gets one
      // that is half removed.
      let doomed = "\(path)-removed"
      if (try? FileSystem.rename(path, to: doomed)) != nil { FileSystem.removeTree(doomed) }
    }
  }

  deinit {
    forget()
    if !isKept { for path in paths { FileSystem.removeTree(path) } }
  }
}
