public import ObjectStore
internal import TSDBBlock
internal import Telemetry

/// `/debug/…`: what the process is busy with, as text for people, or as JSON for programs that ask
/// for it with `Accept: application/json` or `?format=json`.
public enum DebugRoutes {
  /// - Parameters:
  ///   - queries: what `/debug/queries` lists.
  ///   - executors: threads for blocking work, by name.
  public static func routes(
    queries: RunningQueries, executors: KeyValuePairs<String, BlockingExecutor>
  ) -> [AdminRoute] {
    let loads: @Sendable () -> [(name: String, load: BlockingExecutor.Load)] = {
      executors.map { ($0.key, $0.value.load) }
    }
    let absent: @Sendable (AdminRequest) async -> AdminResponse = { request in
      AdminResponse(
        status: 404,
        text: """
          404 \(request.path): this is no Go program. /debug/memory, /debug/tasks and \
          /debug/queries tell what it does; 'perf record -g -p PID' makes profiles

          """)
    }
    return [
      AdminRoute(.get, "/debug/memory") { request in
        let usage = MemoryUsage.current()
        return answer(request, { memoryText(usage) }, { memoryJSON(usage) })
      },
      AdminRoute(.get, "/debug/tasks") { request in
        let threads = ProcessThread.all()
        let loads = loads()
        return answer(request, { tasksText(threads, loads) }, { tasksJSON(threads, loads) })
      },
      AdminRoute(.get, "/debug/queries") { request in
        let running = queries.current
        return answer(request, { queriesText(running) }, { queriesJSON(running) })
      },
      AdminRoute(.get, "/debug/pprof/*", name: "debug_pprof", respond: absent),
      AdminRoute(.get, "/debug/fgprof", respond: absent),
    ]
  }

  private static func answer(
    _ request: AdminRequest, _ text: () -> String, _ json: () -> RawJSON
  ) -> AdminResponse {
    request.prefersJSON ? APIAnswer.json(json()) : AdminResponse(text: text())
  }

  // MARK: - Memory

  private static func memoryRows(_ usage: MemoryUsage) -> [(String, Int, String)] {
    [
      ("resident", usage.resident, "in memory now"),
      ("peakResident", usage.peakResident, "the most there ever was"),
      ("private", usage.privateBytes, "counts against a limit"),
      ("mapped", usage.mappedFiles, "pages of files, given back when room is needed"),
      ("shared", usage.shared, "with other processes"),
      ("swapped", usage.swapped, "written out"),
      ("virtual", usage.virtual, "address space"),
      ("heapUsed", usage.heapUsed, "given out by the allocator"),
      ("heapIdle", usage.heapIdle, "kept by the allocator for later"),
    ]
  }

  private static func memoryText(_ usage: MemoryUsage) -> String {
    TextTable.render(memoryRows(usage).map { [$0.0, mebibytes($0.1), $0.2] }, right: [1])
  }

  private static func memoryJSON(_ usage: MemoryUsage) -> RawJSON {
    .object(
      memoryRows(usage).map {
        RawJSON.Member(key: Array("\($0.0)Bytes".utf8), value: .number($0.1))
      })
  }

  private static func mebibytes(_ bytes: Int) -> String {
    let tenths = (Double(bytes) / 1_048_576 * 10).rounded() / 10
    return "\(tenths) MiB"
  }

  // MARK: - Tasks

  private static func tasksText(
    _ threads: [ProcessThread], _ loads: [(name: String, load: BlockingExecutor.Load)]
  ) -> String {
    var executors = [["EXECUTOR", "THREADS", "LIMIT", "IDLE", "WAITING"]]
    for (name, load) in loads {
      executors.append(
        [name] + [load.threads, load.limit, load.idle, load.waiting].map { String($0) })
    }
    var rows = [["THREAD", "STATE", "CPU", "NAME"]]
    for thread in threads {
      rows.append(["\(thread.id)", thread.state, "\(thread.cpuSeconds) s", thread.name])
    }
    return TextTable.render(executors, right: [1, 2, 3, 4]) + "\n"
      + TextTable.render(rows, right: [0, 2])
  }

  private static func tasksJSON(
    _ threads: [ProcessThread], _ loads: [(name: String, load: BlockingExecutor.Load)]
  ) -> RawJSON {
    let executors = loads.map { name, load -> RawJSON in
      .object([
        "name": .text(name), "threads": .number(load.threads), "limit": .number(load.limit),
        "idle": .number(load.idle), "waiting": .number(load.waiting),
      ])
    }
    let rows = threads.map { thread -> RawJSON in
      .object([
        "id": .number(thread.id), "name": .text(thread.name), "state": .text(thread.state),
        "cpuSeconds": .number(thread.cpuSeconds),
      ])
    }
    return .object(["executors": .array(executors), "threads": .array(rows)])
  }

  // MARK: - Queries

  private static func queriesText(_ queries: [RunningQuery]) -> String {
    guard !queries.isEmpty else { return "no call is under way\n" }
    var rows = [["AGE", "METHOD", "TENANT", "SERIES", "CHUNKS", "SIZE", "REQUEST", "QUERY"]]
    for query in queries {
      let cost = query.cost
      let age = (query.age / .seconds(1) * 10).rounded() / 10
      rows.append([
        "\(age) s", query.method, query.tenant, "\(cost.series)", "\(cost.chunks)",
        mebibytes(cost.bytes), query.requestID, query.description,
      ])
    }
    return TextTable.render(rows, right: [0, 3, 4, 5])
  }

  private static func queriesJSON(_ queries: [RunningQuery]) -> RawJSON {
    .array(
      queries.map { query in
        let cost = query.cost
        return .object([
          "number": .number(query.number), "method": .text(query.method),
          "tenant": .text(query.tenant), "requestId": .text(query.requestID),
          "query": .text(query.description),
          "ageSeconds": .number(query.age / .seconds(1)), "series": .number(cost.series),
          "chunks": .number(cost.chunks), "bytes": .number(cost.bytes),
        ])
      })
  }
}
