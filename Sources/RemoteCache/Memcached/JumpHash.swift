/// Spreads keys over servers so that few keys move when the last server comes or goes.
///
/// Source: Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014.
enum JumpHash {
  /// The place of a hash among `count` servers.
  ///
  /// - Precondition: `count` is positive.
  static func place(of hash: UInt64, count: Int) -> Int {
    precondition(count > 0)
    var state = hash
    var place = 0
    var next = 0.0
    while next < Double(count) {
      place = Int(next)
      state = state &* 2_862_933_555_777_941_757 &+ 1
      next = (Double(place + 1) * (0x1p31 / Double(state >> 33 + 1))).rounded(.down)
    }
    return place
  }
}
