/// What remains of an ``IndexHeader`` when its file is closed: the positions found while it was
/// verified, about a hundredth of its size.
///
///     file ─► IndexHeader ─► ClosedIndexHeader ─► the same file again ─► IndexHeader
///             O(bytes)                                                   O(1)
public struct ClosedIndexHeader: Sendable {
  private let header: IndexHeader
  private let byteCount: Int

  /// Lets go of the file's bytes, unless somebody else holds them.
  public init(_ header: IndexHeader) {
    byteCount = header.symbols.slice.count
    self.header = Self.moved(header, to: ByteSlice(ByteStorage([])))
  }

  /// The header over the bytes of the file that it was made from. The caller vouches for their
  /// being the same; when they are not, answers are wrong or errors.
  ///
  /// - Returns: nil when the file has another length.
  /// - Complexity: O(1).
  public func opened(on file: ByteSlice) -> IndexHeader? {
    guard file.count == byteCount else { return nil }
    return Self.moved(header, to: file)
  }

  private static func moved(_ header: IndexHeader, to file: ByteSlice) -> IndexHeader {
    var moved = header
    moved.symbols.slice = file
    moved.postingsOffsets.slice = file
    return moved
  }
}
