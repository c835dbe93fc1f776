/// Flags of the Thanos program that mean nothing here and are accepted, so that a unit file needs
/// no change. Names are without dashes.
public struct IgnoredFlags: Sendable {
  /// Flags followed by a value.
  public let valued: Set<String>
  /// Switches, each also with `no-` in front.
  public let switches: Set<String>

  public init(valued: Set<String> = [], switches: Set<String> = []) {
    self.valued = valued
    self.switches = switches
  }

  /// What every Thanos program takes and only a Go program needs.
  public static let common = IgnoredFlags(
    valued: ["auto-gomemlimit.ratio", "tracing.config", "tracing.config-file"],
    switches: ["enable-auto-gomemlimit"])

  public func union(_ other: IgnoredFlags) -> IgnoredFlags {
    IgnoredFlags(
      valued: valued.union(other.valued), switches: switches.union(other.switches))
  }
}
