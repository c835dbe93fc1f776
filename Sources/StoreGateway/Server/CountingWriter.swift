internal import GRPCCore
internal import Telemetry

/// Counts the messages that go through.
struct CountingWriter<Element: Sendable>: RPCWriterProtocol {
  let writer: RPCWriter<Element>
  let sent: Counter?

  func write(_ element: Element) async throws {
    try await writer.write(element)
    sent?.increment()
  }

  func write(contentsOf elements: some Sequence<Element>) async throws {
    // An array stays the same array.
    let elements = Array(elements)
    try await writer.write(contentsOf: elements)
    sent?.increment(by: elements.count)
  }
}
