/// All series of one metric name.
struct MetricFamily: Sendable {
  enum Kind: String, Sendable {
    case counter, gauge, histogram, summary
  }

  enum Instrument: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)
    /// Asked at every scrape.
    case reading(@Sendable () -> Double)
    /// Asked at every scrape.
    case summary(@Sendable () -> SummaryReading)
  }

  let name: String
  let help: String
  let kind: Kind
  private(set) var instruments: [MetricLabels: Instrument] = [:]

  init(name: String, help: String, kind: Kind) {
    self.name = name
    self.help = help
    self.kind = kind
  }

  /// The same series under another name.
  func renamed(_ name: String) -> MetricFamily {
    var family = MetricFamily(name: name, help: help, kind: kind)
    family.instruments = instruments
    return family
  }

  subscript(labels: MetricLabels) -> Instrument? {
    get { instruments[labels] }
    set { instruments[labels] = newValue }
  }
}

/// Label pairs in byte order of their names.
struct MetricLabels: Hashable, Sendable {
  struct Pair: Hashable, Sendable {
    let name: String
    let value: String
  }

  let pairs: [Pair]

  init(_ labels: [String: String]) {
    pairs = labels.map(Pair.init).sorted { precedesInBytes($0.name, $1.name) }
  }

  static func < (left: MetricLabels, right: MetricLabels) -> Bool {
    for (a, b) in zip(left.pairs, right.pairs) where a != b {
      return a.name == b.name
        ? precedesInBytes(a.value, b.value) : precedesInBytes(a.name, b.name)
    }
    return left.pairs.count < right.pairs.count
  }
}

/// Byte order, which unlike `String.<` no Unicode version changes.
func precedesInBytes(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
