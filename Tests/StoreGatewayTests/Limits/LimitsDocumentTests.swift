import ObjectStore
import Testing

@testable import StoreGateway

/// The YAML that takes the place of the flags for limits.
@Suite struct LimitsDocumentTests {
  private static let flags = RequestLimits(series: 7, chunks: 8, bytes: 9)

  @Test(arguments: [
    ("", flags),
    ("{}", flags),
    ("request_series: 5", RequestLimits(series: 5, chunks: 8, bytes: 9)),
    ("request_series: 0", RequestLimits(chunks: 8, bytes: 9)),
    (
      "request_samples: 1200\ndownloaded_bytes: 1KB",
      RequestLimits(series: 7, chunks: 10, bytes: 1024)
    ),
    ("request_samples: 119\ndownloaded_bytes: 0B", RequestLimits(series: 7)),
    ("request_series:", flags),
  ])
  func `what the document says counts, and the flags where it is silent`(
    yaml: String, limits: RequestLimits
  ) throws {
    #expect(try Self.flags.overridden(byYAML: yaml) == limits)
  }

  @Test(arguments: [
    (
      "request_serie: 5",
      "line 1: unknown key \"request_serie\" in the limits; did you mean \"request_series\"?"
    ),
    ("\nrequest_series: -1", "line 2: request_series must be a whole number from 0, not \"-1\""),
    (
      "request_samples: many", "line 1: request_samples must be a whole number from 0, not \"many\""
    ),
    (
      "downloaded_bytes: 5 apples",
      "line 1: downloaded_bytes must be a size such as 2GB, not \"5 apples\""
    ),
    ("- 1", "line 1: the limits must be keys and values, such as \"request_series: …\""),
  ])
  func `what is wrong is told with its line`(yaml: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try Self.flags.overridden(byYAML: yaml)
    }
    #expect("\(error.map { "\($0)" } ?? "")" == message)
  }
}
