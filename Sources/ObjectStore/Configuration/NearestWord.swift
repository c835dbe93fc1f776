/// The candidate a writer most likely meant, or nil when none is near.
///
/// Near is a third of the word's length, at least two, in single-letter edits.
package func nearestWord(to word: String, in candidates: some Sequence<String>) -> String? {
  let limit = max(2, word.utf8.count / 3)
  let ranked = candidates.map { (word: $0, distance: editDistance(word, $0)) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else {
    return nil
  }
  return best.word
}

private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right.utf8)
  var previous = Array(0...right.count)
  for (row, byte) in left.utf8.enumerated() {
    var current = [row + 1]
    for column in right.indices {
      let substitution = previous[column] + (right[column] == byte ? 0 : 1)
      current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous.last ?? 0
}
