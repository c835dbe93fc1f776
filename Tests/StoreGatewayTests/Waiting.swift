/// Waits until `condition` holds; the time limit of the test ends it before.
func wait(until condition: () -> Bool) async throws {
  while !condition() { try await Task.sleep(for: .microseconds(200)) }
}
