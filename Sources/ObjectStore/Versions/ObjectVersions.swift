/// What the objects of a store were before, where the store keeps that.
///
/// Such a store deletes an object by putting a marker on its versions:
///
///     newest ─► marker     the object does not exist
///               version    is the object again as soon as the marker is gone
///               version
public protocol ObjectVersions: Sendable {
  /// What lies below the directory `prefix`, or at the root: versions and markers in byte order of
  /// the names, those of one name newest first. Empty where the store keeps none.
  ///
  /// Without `recursive`, direct children only, among them directories that hold any version or
  /// marker, so also those whose objects are all deleted.
  func list(
    _ prefix: ObjectName?, recursive: Bool
  ) async throws(BucketError) -> [ObjectVersion]

  /// All bytes of a version, which a marker may hide.
  ///
  /// - Throws: `notFound` when there is no such version.
  func read(_ name: ObjectName, version: String) async throws(BucketError) -> [UInt8]

  /// Removes a marker; one that is gone already is no error.
  ///
  /// - Throws: `permanent` when `version` is no marker, and nothing is removed then.
  func removeMarker(of name: ObjectName, version: String) async throws(BucketError)
}

/// One line of a listing of versions.
public struct ObjectVersion: Equatable, Sendable {
  public enum Kind: Sendable {
    case object
    /// Hides what is older.
    case marker
    /// Has no version of its own.
    case directory
  }

  /// The full name, from the root of the bucket.
  public let name: ObjectName
  public let kind: Kind
  /// What the store calls it; empty for a directory.
  public let version: String
  /// Bytes; 0 for what is no object.
  public let size: Int
  /// Milliseconds since 1970; 0 for a directory.
  public let modifiedMilliseconds: Int64

  public init(
    name: ObjectName, kind: Kind, version: String, size: Int, modifiedMilliseconds: Int64
  ) {
    self.name = name
    self.kind = kind
    self.version = version
    self.size = size
    self.modifiedMilliseconds = modifiedMilliseconds
  }
}
