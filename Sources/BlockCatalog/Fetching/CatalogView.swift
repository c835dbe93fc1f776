public import TSDBBlock

/// The blocks of a bucket as far as they could be seen.
public struct CatalogView: Sendable {
  /// What was found, by the rules.
  public var snapshot: CatalogSnapshot
  /// Everything at the root that is named like a block, sorted.
  public var directories: [BlockID]
  /// What could not be seen; nil when the view is complete.
  public var gap: IncompleteView?

  public init(snapshot: CatalogSnapshot, directories: [BlockID], gap: IncompleteView? = nil) {
    self.snapshot = snapshot
    self.directories = directories
    self.gap = gap
  }
}

/// Blocks exist of which nobody can say what they are. Not to find a block means nothing then.
///
/// Reads as one line: `incomplete view: 01ABC/meta.json: version: is 20, only 1 is known`.
public struct IncompleteView: Error, Equatable, Sendable, CustomStringConvertible {
  /// A block that was not seen.
  public struct Part: Equatable, Sendable {
    public var id: BlockID
    public var reason: String
  }

  /// Sorted by identity; never empty.
  public var parts: [Part]
  /// Whether to look again soon may help.
  public var isTransient: Bool

  public var description: String {
    var text = "incomplete view"
    if let first = parts.first { text += ": \(first.reason)" }
    if parts.count > 1 { text += ", and \(parts.count - 1) more" }
    return text
  }
}
