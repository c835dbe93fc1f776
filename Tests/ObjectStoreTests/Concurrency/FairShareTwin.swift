/// What a share has to do, one step at a time: a queue that is served from its head only.
struct FairShareTwin {
  struct Request: Equatable {
    var id: Int
    var units: Int
  }

  private(set) var available: Int
  private(set) var queue: [Request] = []
  private(set) var granted: [Request] = []

  init(capacity: Int) { available = capacity }

  mutating func ask(_ id: Int, _ units: Int) {
    queue.append(Request(id: id, units: units))
    serve()
  }

  mutating func release(_ id: Int) {
    guard let index = granted.firstIndex(where: { $0.id == id }) else { return }
    available += granted.remove(at: index).units
    serve()
  }

  mutating func cancel(_ id: Int) {
    queue.removeAll { $0.id == id }
    serve()
  }

  private mutating func serve() {
    while let first = queue.first, first.units <= available {
      available -= first.units
      granted.append(queue.removeFirst())
    }
  }
}
