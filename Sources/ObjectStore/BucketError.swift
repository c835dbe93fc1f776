/// Why an operation on a bucket did not happen.
///
/// Reads as one line: `cannot read 01ABC/meta.json: no such object`.
public struct BucketError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// There is no such object.
    case notFound
    /// The store refuses us.
    case denied
    /// The object exists, and it was not to be replaced.
    case preconditionFailed
    /// May work later: a timeout, a full queue, a server error.
    case transient
    /// Will fail again until somebody changes something.
    case permanent
  }

  public let code: Code
  public let operation: BucketOperation
  /// The object or directory, in the way that says most to the reader: its name, or its path.
  public let object: String
  public let detail: String

  public init(_ code: Code, _ operation: BucketOperation, object: String, detail: String) {
    self.code = code
    self.operation = operation
    self.object = object
    self.detail = detail
  }

  public var description: String { "cannot \(operation.verb) \(object): \(detail)" }
}

/// The kinds of work a bucket does, as metrics name them.
public enum BucketOperation: String, Sendable, CaseIterable {
  case iter, get
  case getRange = "get_range"
  case exists, upload, delete, attributes

  var verb: String {
    switch self {
    case .iter: "list"
    case .get, .getRange: "read"
    case .exists, .attributes: "look up"
    case .upload: "write"
    case .delete: "delete"
    }
  }
}
