/// Values by key, outside of the process or in its memory, where other processes may have put them.
///
/// A cache may forget whatever it likes, and what it returns may be damaged or somebody else's:
/// whoever asks checks what comes back.
public protocol SharedCache: Sendable {
  /// The values of `keys` in the same order, nil for those that are not there.
  ///
  /// Never fails: a cache that is away has nothing, and is soon no longer waited for.
  func fetch(_ keys: [String]) async -> [[UInt8]?]

  /// Keeps values for a time, some time after the call or never. Does not wait for anything.
  func store(_ entries: [(key: String, value: [UInt8])], lifetime: Duration)
}
