/// What happened in watched directories during a short time.
public struct DirectoryChanges: Equatable, Sendable {
  /// Names that appeared, went or were written, by directory.
  public var names: [String: Set<String>] = [:]
  /// Directories in which something happened that is not known more closely, or which are gone.
  public var directories: Set<String> = []
  /// Changes were lost: anything may have happened anywhere.
  public var isIncomplete = false

  public init() {}

  public var isEmpty: Bool { names.isEmpty && directories.isEmpty && !isIncomplete }

  mutating func add(_ name: String, in directory: String) {
    names[directory, default: []].insert(name)
  }
}
