internal import Dispatch
internal import Glibc
internal import Synchronization

/// Ends the program at SIGINT and SIGTERM as these signals would, but without leaving files behind.
///
///     signal ─► leftovers removed ─► the same signal with its default effect
///
/// So a shell says 130 or 143, and a script that Ctrl-C was meant for ends too.
enum Interruption {
  private static let signals = [SIGINT, SIGTERM]
  /// Rounds of removing, with a pause between: a thread may be just about to make another file.
  private static let rounds = 3
  private static let pauseMicroseconds: UInt32 = 20_000

  private static let isUnderWay = Atomic(false)
  // SAFETY: of the main thread alone, on which commands run.
  private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []

  /// Called once, by the program.
  static func begin() {
    let queue = DispatchQueue(label: "interruption", qos: .userInteractive)
    for number in signals where !isIgnored(number) {
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { end(number) }
      source.activate()
      unsafe sources.append(source)
    }
  }

  /// For commands that end by themselves at a signal.
  static func leaveToOthers() {
    for source in unsafe sources { source.cancel() }
    unsafe sources = []
  }

  /// Does not return when the program is being ended: what fails from then on is nobody's business.
  static func check() {
    while isUnderWay.load(ordering: .acquiring) { pause() }
  }

  private static func end(_ number: Int32) {
    isUnderWay.store(true, ordering: .releasing)
    for round in 0..<rounds {
      if round > 0 { usleep(pauseMicroseconds) }
      Leftover.removeAll()
    }
    // The line of progress has no end.
    if isatty(STDERR_FILENO) == 1 { writeError("") }
    _ = signal(number, SIG_DFL)
    kill(getpid(), number)
    // The first process of a container is not killed by its own signals.
    _exit(128 + number)
  }

  /// As for programs in the background of a script, which Ctrl-C is not meant for.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    // SAFETY: the call fills the structure; the handler is compared as a number and never called.
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
