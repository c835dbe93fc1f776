/// The inputs of a k-way merge, the one with the smallest head on top. Equal heads come in the
/// order of the inputs.
package struct MergeHeap {
  private var inputs: [Int] = []

  package init() {}

  var isEmpty: Bool { inputs.isEmpty }
  package var top: Int? { inputs.first }

  /// - Parameter order: negative, zero or positive as the first input's head sorts before, with or
  ///   after the second's. The same for every call while the heads do not move.
  package mutating func push(_ input: Int, _ order: (Int, Int) -> Int) {
    inputs.append(input)
    var child = inputs.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard precedes(inputs[child], inputs[parent], order) else { return }
      inputs.swapAt(child, parent)
      child = parent
    }
  }

  package mutating func pop(_ order: (Int, Int) -> Int) -> Int? {
    guard let top = inputs.first, let last = inputs.popLast() else { return nil }
    guard !inputs.isEmpty else { return top }
    inputs[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < inputs.count else { return top }
      if child + 1 < inputs.count, precedes(inputs[child + 1], inputs[child], order) { child += 1 }
      guard precedes(inputs[child], inputs[parent], order) else { return top }
      inputs.swapAt(child, parent)
      parent = child
    }
  }

  private func precedes(_ left: Int, _ right: Int, _ order: (Int, Int) -> Int) -> Bool {
    let result = order(left, right)
    return result == 0 ? left < right : result < 0
  }
}
