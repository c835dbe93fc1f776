/// Runs `body` for every element, at most `limit` at a time, and returns the results in order.
///
/// The first failure cancels the rest and is thrown.
package func inParallel<Element: Sendable, Output: Sendable, Failure: Error>(
  _ elements: [Element], limit: Int,
  _ body: @escaping @Sendable (Element) async throws(Failure) -> Output
) async throws(Failure) -> [Output] {
  let results = await withTaskGroup(
    of: (Int, Result<Output, Failure>).self
  ) { group -> Result<[Output?], Failure> in
    var next = 0
    func start() {
      guard next < elements.count else { return }
      let (index, element) = (next, elements[next])
      next += 1
      group.addTask {
        do throws(Failure) {
          return (index, .success(try await body(element)))
        } catch {
          return (index, .failure(error))
        }
      }
    }
    for _ in 0..<max(limit, 1) { start() }
    var outputs: [Output?] = Array(repeating: nil, count: elements.count)
    for await (index, result) in group {
      switch result {
      case .success(let output): outputs[index] = output
      case .failure(let error):
        group.cancelAll()
        return .failure(error)
      }
      start()
    }
    return .success(outputs)
  }
  return try results.get().compactMap { $0 }
}
