/// What is wrong with a line of text.
struct OpenMetricsError: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}
