internal import Glibc

/// One line of the report.
struct Measurement {
  var name: String
  /// What one operation is: `sample`, `series`, `call`.
  var unit: String
  var unitsPerRound: Int
  var rounds: [Duration]
  /// Time of all threads of the process, which on a busy machine swings less.
  var cpuRounds: [Duration]

  /// Nanoseconds per unit of the fastest round and of the median one.
  var best: Double { perUnit(rounds.min() ?? .zero) }
  var median: Double { perUnit(rounds.sorted()[rounds.count / 2]) }
  var cpu: Double { perUnit(cpuRounds.min() ?? .zero) }

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
  var rounds: [Duration] = []
  var cpuRounds: [Duration] = []
  func measurement() -> Measurement {
    Measurement(
      name: name, unit: unit, unitsPerRound: unitsPerRound, rounds: rounds, cpuRounds: cpuRounds)
  }
  guard Bench.isWanted(name) else { return measurement() }
  blackHole(try body())
  let start = clock.now
  while rounds.count < 3 || (rounds.count < maxRounds && clock.now - start < .milliseconds(500)) {
    let (begin, cpuBegin) = (clock.now, processorTime())
    blackHole(try body())
    rounds.append(clock.now - begin)
    cpuRounds.append(processorTime() - cpuBegin)
  }
  return measurement()
}

func processorTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

@inline(never)
func blackHole(_ value: UInt64) {
  if value == 0x5EED_5EED_5EED_5EED { print("") }
}
