internal import TSDBBlock

/// A block that should be served and is not.
struct UnavailableBlock: Sendable, CustomStringConvertible {
  enum Reason: Equatable, Sendable {
    /// It is being opened.
    case notYetOpen
    case cannotBeOpened(String)
  }

  var meta: BlockMeta
  var reason: Reason

  /// One line, for a warning in an answer.
  var description: String {
    switch reason {
    case .notYetOpen: "block \(meta.id) is not open yet"
    case .cannotBeOpened(let error): "block \(meta.id) cannot be opened: \(error)"
    }
  }
}
