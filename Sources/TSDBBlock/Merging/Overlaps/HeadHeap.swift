/// A binary heap of small numbers whose equal elements come in the order that Go's
/// `container/heap` gives them.
///
/// Which of two samples of one time survives a merge follows from that order alone; with another
/// heap a merge would be as right and differ from the reference.
struct HeadHeap {
  private(set) var elements: [Int] = []

  var isEmpty: Bool { elements.isEmpty }
  var top: Int? { elements.first }

  mutating func removeAll() { elements.removeAll(keepingCapacity: true) }

  @inline(__always)
  mutating func push(_ element: Int, _ precedes: (Int, Int) -> Bool) {
    elements.append(element)
    var child = elements.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard precedes(elements[child], elements[parent]) else { return }
      elements.swapAt(child, parent)
      child = parent
    }
  }

  @inline(__always)
  mutating func pop(_ precedes: (Int, Int) -> Bool) -> Int? {
    guard let top = elements.first else { return nil }
    let count = elements.count - 1
    elements.swapAt(0, count)
    var parent = 0
    while 2 * parent + 1 < count {
      var child = 2 * parent + 1
      if child + 1 < count, precedes(elements[child + 1], elements[child]) { child += 1 }
      guard precedes(elements[child], elements[parent]) else { break }
      elements.swapAt(child, parent)
      parent = child
    }
    elements.removeLast()
    return top
  }
}
