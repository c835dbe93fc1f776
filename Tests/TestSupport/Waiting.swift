/// Waits until `condition` holds; the time limit of the test ends it before.
public func wait(until condition: () -> Bool) async throws {
  while !condition() { try await Task.sleep(for: .microseconds(200)) }
}
