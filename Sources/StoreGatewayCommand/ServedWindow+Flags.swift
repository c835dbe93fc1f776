internal import CommandSupport
internal import StoreGateway

extension ServedWindow {
  /// The times between two flags; a missing one leaves its side open.
  init(from minTime: TimeOrDuration?, to maxTime: TimeOrDuration?) {
    self.init {
      let first = minTime?.milliseconds() ?? .min
      return first...max(first, maxTime?.milliseconds() ?? .max)
    }
  }
}
