internal import Synchronization

/// The metrics of a process, or of a test.
///
/// Asking again for the same name and labels gives the same handle: create handles once, at
/// start, and keep them; using one takes no lock.
///
///     let loads = registry.counter("thanos_loads_total", help: "Blocks loaded.")
///     loads.increment()
public final class MetricRegistry: Sendable {
  private let families = Mutex<[String: MetricFamily]>([:])
  private let aliases = Mutex<[String: String]>([:])

  public init() {}

  /// - Precondition: `name` is not in use for a metric of another kind.
  public func counter(
    _ name: String, help: String, labels: [String: String] = [:]
  ) -> Counter {
    let instrument = instrument(name, help, .counter, labels) { .counter(Counter()) }
    guard case .counter(let counter) = instrument else { return Counter() }
    return counter
  }

  /// - Precondition: `name` is not in use for a metric of another kind.
  public func gauge(_ name: String, help: String, labels: [String: String] = [:]) -> Gauge {
    let instrument = instrument(name, help, .gauge, labels) { .gauge(Gauge()) }
    guard case .gauge(let gauge) = instrument else { return Gauge() }
    return gauge
  }

  /// `bounds` are ascending upper bounds without `+Inf`; the first call for a series decides them.
  ///
  /// - Precondition: `name` is not in use for a metric of another kind.
  public func histogram(
    _ name: String, help: String, bounds: [Double] = Histogram.defaultBounds,
    labels: [String: String] = [:]
  ) -> Histogram {
    let instrument = instrument(name, help, .histogram, labels) {
      .histogram(Histogram(bounds: bounds))
    }
    guard case .histogram(let histogram) = instrument else { return Histogram(bounds: bounds) }
    return histogram
  }

  /// A gauge whose value is asked for at every scrape. Registering it again replaces `read`.
  public func gauge(
    _ name: String, help: String, labels: [String: String] = [:],
    read: @escaping @Sendable () -> Double
  ) {
    register(name, help, .gauge, labels, .reading(read))
  }

  /// A counter whose value is asked for at every scrape. Registering it again replaces `read`.
  public func counter(
    _ name: String, help: String, labels: [String: String] = [:],
    read: @escaping @Sendable () -> Double
  ) {
    register(name, help, .counter, labels, .reading(read))
  }

  /// Quantiles that are asked for at every scrape. Registering it again replaces `read`.
  public func summary(
    _ name: String, help: String, labels: [String: String] = [:],
    read: @escaping @Sendable () -> SummaryReading
  ) {
    register(name, help, .summary, labels, .summary(read))
  }

  /// Exposes the metric `name` under a second name too, once there is one.
  ///
  /// For names that dashboards ask for and the reference once had, or never had.
  public func alias(_ alias: String, for name: String) {
    aliases.withLock { $0[alias] = name }
  }

  /// All metrics in `format`, families and series in byte order.
  public func exposition(_ format: ExpositionFormat) -> String {
    let known = families.withLock { $0 }
    var snapshot = Array(known.values)
    for (alias, name) in aliases.withLock({ $0 }) where known[alias] == nil {
      if let family = known[name] { snapshot.append(family.renamed(alias)) }
    }
    var writer = ExpositionWriter(format: format)
    for family in snapshot.sorted(by: { precedesInBytes($0.name, $1.name) }) {
      writer.write(family)
    }
    return writer.finish()
  }

  private func instrument(
    _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String: String],
    make: () -> MetricFamily.Instrument
  ) -> MetricFamily.Instrument {
    let labels = MetricLabels(labels)
    return families.withLock { families in
      let known = families[name]?.kind ?? kind
      precondition(known == kind, "metric \(name) is already a \(known)")
      if let known = families[name]?[labels] { return known }
      let made = make()
      // In place: a copy of the family for each of its series would be quadratic in their number.
      families[name, default: MetricFamily(name: name, help: help, kind: kind)][labels] = made
      return made
    }
  }

  private func register(
    _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: [String: String],
    _ instrument: MetricFamily.Instrument
  ) {
    families.withLock { families in
      var family = families[name] ?? MetricFamily(name: name, help: help, kind: kind)
      precondition(family.kind == kind, "metric \(name) is already a \(family.kind)")
      family[MetricLabels(labels)] = instrument
      families[name] = family
    }
  }
}
