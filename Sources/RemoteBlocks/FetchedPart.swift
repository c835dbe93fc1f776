public import TSDBBlock

/// A range of a file of a block: all of it when it is mapped, a fetched piece when it is far away.
public struct FetchedPart: Sendable {
  public var slice: ByteSlice
  /// Where the slice begins in the file.
  public var fileOffset: Int

  public init(slice: ByteSlice, fileOffset: Int) {
    self.slice = slice
    self.fileOffset = fileOffset
  }

  /// The bytes of the file that the part holds.
  public var fileRange: Range<Int> { fileOffset..<fileOffset + slice.count }
}
