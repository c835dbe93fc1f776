internal import TSDBBlock
internal import Telemetry

/// Names a request, so that lines of several programs about it can be found.
public enum RequestID {
  private static let maximumLength = 128

  /// The identity a client sent where it is printable and short, else a new one.
  public static func accepting(_ text: String?) -> String {
    guard let text, !text.isEmpty, text.utf8.count <= maximumLength,
      text.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
    else { return BlockID.make(now: WallClock.milliseconds()).description }
    return text
  }
}
