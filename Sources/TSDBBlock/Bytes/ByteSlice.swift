/// A range of a ``ByteStorage`` that can be kept and handed to another task.
public struct ByteSlice: Sendable {
  /// What holds the bytes.
  public let storage: ByteStorage
  /// Byte offsets into `storage`, always within it.
  public let range: Range<Int>

  /// The whole storage.
  public init(_ storage: ByteStorage) {
    self.storage = storage
    range = 0..<storage.count
  }

  /// A part of the storage.
  ///
  /// - Precondition: `range` lies within the storage.
  public init(_ storage: ByteStorage, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= storage.count)
    self.storage = storage
    self.range = range
  }

  /// Bytes.
  public var count: Int { range.count }

  /// The bytes of the slice.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // The storage is kept alive by self, to which the span is bound.
      unsafe _overrideLifetime(storage.bytes.extracting(range), borrowing: self)
    }
  }

  /// The part `subrange`, counted from the start of this slice, or nil when it does not lie inside.
  public func slice(_ subrange: Range<Int>) -> ByteSlice? {
    guard subrange.lowerBound >= 0, subrange.upperBound <= count else { return nil }
    let start = range.lowerBound + subrange.lowerBound
    return ByteSlice(storage, start..<start + subrange.count)
  }
}
