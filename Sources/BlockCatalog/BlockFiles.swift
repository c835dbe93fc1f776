package import ObjectStore
package import TSDBBlock

/// Where the files of a block lie in a bucket.
///
///     01HRHZ2KZ8H174NHP7YJ73AGKH/
///       chunks/000001 …   index   meta.json
///       deletion-mark.json?  no-compact-mark.json?  no-downsample-mark.json?
enum BlockFiles {
  static let index = "index"
  static let chunks = "chunks"
}

extension BlockID {
  /// The directory of this block.
  package func directory() throws(BucketError) -> ObjectName {
    try Self.objectName(description)
  }

  /// A file of this block, named from its directory.
  package func object(_ path: String) throws(BucketError) -> ObjectName {
    try Self.objectName("\(self)/\(path)")
  }

  private static func objectName(_ text: String) throws(BucketError) -> ObjectName {
    do {
      return try ObjectName(text)
    } catch {
      throw BucketError(.permanent, .attributes, object: text, detail: error.reason)
    }
  }
}
