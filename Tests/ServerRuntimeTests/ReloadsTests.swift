import ServerRuntime
import Synchronization
import Testing

@Suite struct ReloadsTests {
  private struct Wrong: Error, CustomStringConvertible {
    let description = "line 3: wrong"
  }

  private final class Count: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func increment() { number.withLock { $0 += 1 } }
  }

  @Test func `a part that fails keeps what it had, and the others go on`() async {
    let captured = CapturedLog()
    let reloads = Reloads(logger: captured.logger())
    let value = Reloadable("old")
    let other = Reloadable("old")
    reloads.register("the selector") { throw Wrong() }
    reloads.register("the rest") { other.replace(by: "new") }
    #expect(await reloads.run() == ["the selector: line 3: wrong"])
    #expect(value.current == "old")
    #expect(other.current == "new")
    let lines = captured.lines
    #expect(lines.count == 2)
    #expect(lines.first?.contains("level=error") == true)
    #expect(lines.first?.contains("error=\"line 3: wrong\"") == true)
    #expect(lines.last?.contains("msg=reloaded what=\"the rest\"") == true)
  }

  @Test func `asking during a reload gives one more, shared by all who asked`() async {
    let reloads = Reloads(logger: CapturedLog().logger())
    let count = Count()
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let (go, release) = AsyncStream.makeStream(of: Void.self)
    reloads.register("slow") {
      count.increment()
      begin.yield()
      var iterator = go.makeAsyncIterator()
      _ = await iterator.next()
    }
    async let first = reloads.run()
    var started = begun.makeAsyncIterator()
    _ = await started.next()
    await withTaskGroup(of: [String].self) { group in
      for _ in 0..<10 { group.addTask { await reloads.run() } }
      // The ten have to come before the first reload ends for one to be enough.
      for _ in 0..<1000 { await Task.yield() }
      release.yield()
      release.yield()
      release.finish()
      for await failures in group { #expect(failures == []) }
    }
    #expect(await first == [])
    #expect((2...3).contains(count.value))
  }

  @Test func `with nothing to reload the log says so`() async {
    let captured = CapturedLog()
    #expect(await Reloads(logger: captured.logger()).run() == [])
    #expect(captured.lines.first?.contains("nothing to reload") == true)
  }
}
