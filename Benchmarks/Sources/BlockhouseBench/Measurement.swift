/// One line of the report.
struct Measurement {
  var name: String
  /// What one operation is: `sample`, `series`, `call`.
  var unit: String
  var unitsPerRound: Int
  var rounds: [Duration]

  /// Nanoseconds per unit of the fastest round and of the median one.
  var best: Double { perUnit(rounds.min() ?? .zero) }
  var median: Double { perUnit(rounds.sorted()[rounds.count / 2]) }

  private func perUnit(_ duration: Duration) -> Double {
    let parts = duration.components
    let nanoseconds = Double(parts.seconds) * 1e9 + Double(parts.attoseconds) / 1e9
    return nanoseconds / Double(max(unitsPerRound, 1))
  }
}

/// Times `body`: one round to warm up, then rounds until half a second or `maxRounds` is reached.
///
/// - Parameter body: does the whole work of a round and returns a value that depends on it, so that
///   the work cannot be left out.
func measure(
  _ name: String, unit: String, unitsPerRound: Int, maxRounds: Int = 50,
  body: () throws -> UInt64
) rethrows -> Measurement {
  let clock = ContinuousClock()
  blackHole(try body())
  var rounds: [Duration] = []
  let start = clock.now
  while rounds.count < 3 || (rounds.count < maxRounds && clock.now - start < .milliseconds(500)) {
    let begin = clock.now
    blackHole(try body())
    rounds.append(clock.now - begin)
  }
  return Measurement(name: name, unit: unit, unitsPerRound: unitsPerRound, rounds: rounds)
}

@inline(never)
func blackHole(_ value: UInt64) {
  if value == 0x5EED_5EED_5EED_5EED { print("") }
}
