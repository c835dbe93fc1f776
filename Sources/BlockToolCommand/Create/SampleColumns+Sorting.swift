internal import Console
internal import TSDBBlock

extension SampleColumns {
  /// Sorts samples by time; equal ones become one.
  ///
  /// - Throws: ``ToolError`` when there are two values at one time.
  mutating func sortByTime(of labels: LabelSet) throws(ToolError) {
    let times = timestamps
    if zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) { return }
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    var sorted = SampleColumns()
    for place in order {
      if times[place] == sorted.timestamps.last {
        guard values[place] == sorted.values.last else {
          throw ToolError(
            "\(labels) has two values at \(HumanText.time(times[place])); remove one of them")
        }
        continue
      }
      sorted.append(timestamp: times[place], valueBits: values[place])
    }
    self = sorted
  }
}
