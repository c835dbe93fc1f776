import Foundation
import TestSupport
import Testing

/// What an operator does with a running gateway.
@Suite(.serialized) struct OperationsTests {
  private func withBucket(_ body: (String, String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      let bucket = directory + "/bucket"
      try DemoBlocks.large.get().copy(to: bucket)
      try await body(bucket, directory)
    }
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func json(_ gateway: Gateway, _ path: String) async throws -> JSONValue {
    let answer = try await httpRequest(port: gateway.httpPort, path)
    #expect(answer.status == 200)
    return try JSONValue(parsing: answer.bytes)
  }

  private func loadedCount(_ gateway: Gateway) async throws -> Int? {
    try await json(gateway, "/api/v1/blocks?view=loaded")["data"]["blocks"].array?.count
  }

  @Test func `the API tells flags without secrets, build, and blocks of both views`()
    async throws
  {
    try await withBucket { bucket, directory in
      let gateway = try await Gateway.start(
        bucket,
        flags: [
          "--bucket-web-label=cluster", "--max-time=1970-01-01T00:00:00Z", "--log.level", "warn",
        ])
      let flags = try await json(gateway, "/api/v1/status/flags")["data"]
      #expect(flags["objstore.config"].string == "<REDACTED>")
      #expect(flags["log.level"].string == "warn")
      #expect(flags["bucket-web-label"].string == "cluster")
      #expect(flags["sync-block-duration"].string == "15m")
      let build = try await json(gateway, "/api/v1/status/buildinfo")["data"]
      #expect(build["version"].string == "0.1.0")
      let blocks = try liveBlocks(in: bucket).count
      #expect(try await loadedCount(gateway) == 0)
      let all = try await json(gateway, "/api/v1/blocks")["data"]
      #expect(all["blocks"].array?.count == blocks)
      #expect(all["label"].string == "cluster")
      for path in ["/", "/blocks", "/loaded", "/global"] {
        let page = try await httpRequest(port: gateway.httpPort, path)
        #expect(page.status == 200)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
      }
      #expect(await gateway.stop() == 0)
    }
  }

  @Test func `without the web there are metrics and probes only`() async throws {
    try await withBucket { bucket, _ in
      let gateway = try await Gateway.start(bucket, flags: ["--web.disable"])
      for (path, status) in [("/", 404), ("/api/v1/blocks", 404), ("/metrics", 200)] {
        #expect(try await httpRequest(port: gateway.httpPort, path).status == status)
      }
      #expect(await gateway.stop() == 0)
    }
  }

  @Test func `a block is marked over HTTP only where that is enabled`() async throws {
    try await withBucket { bucket, _ in
      let block = try #require(try liveBlocks(in: bucket).first)
      for (flags, status) in [
        ([], 400), (["--enable-admin-operations", "--disable-admin-operations"], 400),
        (["--enable-admin-operations"], 204),
      ] {
        let gateway = try await Gateway.start(bucket, flags: flags)
        let answer = try await httpRequest(
          port: gateway.httpPort, "/api/v1/blocks/mark", method: "POST",
          body: "id=\(block)&action=NO_COMPACTION&detail=test")
        #expect(answer.status == status)
        let exists = FileManager.default.fileExists(
          atPath: "\(bucket)/\(block)/no-compact-mark.json")
        #expect(exists == (status == 204))
        #expect(await gateway.stop() == 0)
      }
    }
  }

  @Test(arguments: ["SIGHUP", "POST"])
  func `a reload takes the new selector and keeps the old one when the new is wrong`(
    way: String
  ) async throws {
    try await withBucket { bucket, directory in
      let path = directory + "/selector.yml"
      try write("[]", to: path)
      let gateway = try await Gateway.start(
        bucket, flags: ["--selector.relabel-config-file=\(path)"])
      let count = try #require(try await loadedCount(gateway))
      #expect(count > 0)
      func reload() async throws -> Int? {
        guard way == "POST" else {
          gateway.program.send(signal: SIGHUP)
          return nil
        }
        return try await httpRequest(
          port: gateway.httpPort, "/-/reload", method: "POST"
        ).status
      }
      try write("- {action: keep, source_labels: [nobody], regex: has}", to: path)
      #expect([nil, 200].contains(try await reload()))
      try await gateway.program.wait { (try? await loadedCount(gateway)) == 0 }
      try write("- {action: kepe}", to: path)
      #expect([nil, 500].contains(try await reload()))
      try await gateway.program.wait {
        gateway.program.errors.contains("cannot reload; what was read before stays")
      }
      #expect(
        gateway.program.errors.contains(
          "--selector.relabel-config-file \(path): line 1: unknown action"))
      #expect(try await loadedCount(gateway) == 0)
      try write("[]", to: path)
      #expect([nil, 200].contains(try await reload()))
      try await gateway.program.wait { (try? await loadedCount(gateway)) == count }
      #expect(await gateway.stop() == 0)
    }
  }

  @Test func `a reload takes new limits for the requests that follow`() async throws {
    try await withBucket { bucket, directory in
      let path = directory + "/limits.yml"
      try write("request_series: 1", to: path)
      let gateway = try await Gateway.start(bucket, flags: ["--store.limits.config-file=\(path)"])
      let refusal = await #expect(throws: (any Error).self) {
        _ = try await gateway.client.series(["__name__=~.+"])
      }
      #expect(
        "\(refusal.map { "\($0)" } ?? "")".contains("exceeded series limit: limit 1 violated"))
      try write("request_series: 0", to: path)
      #expect(
        try await httpRequest(port: gateway.httpPort, "/-/reload", method: "POST").status == 200)
      #expect(try await gateway.client.series(["__name__=~.+"]).series.count > 1)
      #expect(await gateway.stop() == 0)
    }
  }

  @Test func `a gateway goes to another bucket at a reload, a compactor does not`()
    async throws
  {
    try await withBucket { bucket, directory in
      let path = directory + "/bucket.yml"
      func point(to directory: String) throws {
        try write("type: FILESYSTEM\nconfig: {directory: \(directory)}\n", to: path)
      }
      try point(to: directory + "/empty")
      let (grpcPort, httpPort) = (try freePort(), try freePort())
      let program = try RunningProgram(
        "store-gateway",
        [
          "--objstore.config-file=\(path)", "--grpc-address=127.0.0.1:\(grpcPort)",
          "--http-address=127.0.0.1:\(httpPort)", "--data-dir=\(directory)/data",
        ])
      let gateway = Gateway(
        program: program, client: StoreClient(port: grpcPort), httpPort: httpPort)
      try await program.wait {
        (try? await httpRequest(port: httpPort, "/-/ready").status) == 200
      }
      #expect(try await loadedCount(gateway) == 0)
      try point(to: bucket)
      #expect(try await httpRequest(port: httpPort, "/-/reload", method: "POST").status == 200)
      let count = try liveBlocks(in: bucket).count
      try await program.wait { (try? await loadedCount(gateway)) == count }
      #expect(await gateway.stop() == 0)

      let port = try freePort()
      let compactor = try RunningProgram(
        "compact",
        [
          "--wait", "--objstore.config-file=\(path)", "--http-address=127.0.0.1:\(port)",
          "--data-dir=\(directory)/work", "--max-time=1970-01-01T00:00:00Z",
        ])
      try await compactor.wait {
        (try? await httpRequest(port: port, "/-/ready").status) == 200
      }
      try point(to: directory + "/empty")
      let answer = try await httpRequest(port: port, "/-/reload", method: "POST")
      #expect(answer.status == 500)
      #expect(
        answer.body == "the bucket configuration: --objstore.config-file \(path): names another "
          + "bucket; restart the program to change to it\n")
      compactor.send(signal: SIGTERM)
      #expect(await compactor.waitForExit() == 0)
    }
  }

  @Test func `requests are logged as configured, with the identity the client sent`()
    async throws
  {
    try await withBucket { bucket, directory in
      let gateway = try await Gateway.start(
        bucket,
        flags: [
          "--log.format=json", "--log.level=error", "--debug.name=gw-1",
          "--request.logging-config={options: {level: INFO, decision: {log_end: true}}}",
        ])
      _ = try await httpRequest(
        port: gateway.httpPort, "/loaded", headers: ["X-Request-ID": "me-1"])
      _ = try await gateway.client.run(["label-names"], as: [String].self)
      #expect(await gateway.stop() == 0)
      let lines = try gateway.program.errors.split(separator: "\n").map {
        try JSONValue(parsing: Array($0.utf8))
      }
      let page = try #require(lines.first { $0["http.path"].string == "/loaded" })
      #expect(page["request_id"].string == "me-1")
      #expect(page["name"].string == "gw-1")
      let call = try #require(lines.first { $0["grpc.method"].string == "LabelNames" })
      #expect(call["grpc.code"].string == "OK")
      #expect(call["tenant"].string == "default-tenant")
      #expect(call["request_id"].string?.count == 26)
    }
  }

  @Test func `a service manager hears when it serves, reloads and stops`() async throws {
    try await withBucket { bucket, directory in
      let listener = try DatagramListener(path: directory + "/notify")
      let gateway = try await Gateway.start(
        bucket, environment: ["NOTIFY_SOCKET": directory + "/notify"])
      func receive() -> [String] {
        listener.receive().filter { !$0.hasPrefix("EXTEND_TIMEOUT_USEC=") }
      }
      var messages = receive()
      #expect(messages == ["READY=1"])
      gateway.program.send(signal: SIGHUP)
      try await gateway.program.wait {
        messages += receive()
        return messages.count >= 3
      }
      #expect(messages[1].hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
      #expect(messages[2] == "READY=1")
      #expect(await gateway.stop() == 0)
      #expect(receive().first?.hasPrefix("STOPPING=1") == true)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "making a PID namespace needs root"))
  func `as process 1 it heeds signals and ends with status 0`() async throws {
    try await withBucket { bucket, directory in
      let path = directory + "/selector.yml"
      try write("[]", to: path)
      let gateway = try await Gateway.start(
        bucket, flags: ["--selector.relabel-config-file=\(path)"],
        wrapper: ["/usr/bin/unshare", "--pid", "--fork", "--kill-child"])
      // The program is the only child of the wrapper.
      let parent = gateway.program.processIdentifier
      let children = try String(
        contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
      let child = try #require(Int32(children.split(separator: " ").first ?? ""))
      let status = try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
      #expect(status.contains("NSpid:\t\(child)\t1\n"))
      kill(child, SIGHUP)
      try await gateway.program.wait {
        gateway.program.errors.contains("msg=reloaded what=\"the relabel selector\"")
      }
      kill(child, SIGTERM)
      #expect(await gateway.program.waitForExit() == 0)
    }
  }

  @Test(arguments: ["store-gateway", "compact"])
  func `the shell can complete its flags`(program: String) async throws {
    for (flags, word) in [
      (["--generate-completion-script", "bash"], "complete -"),
      (["--completion-script-bash"], "complete -"),
      (["--completion-script-zsh"], "#compdef"),
    ] {
      let running = try RunningProgram(program, flags)
      #expect(await running.waitForExit() == 0)
      #expect(running.output.contains(word))
      #expect(running.output.contains("--objstore.config-file"))
    }
    let help = try RunningProgram(program, ["--help"])
    #expect(await help.waitForExit() == 0)
    #expect(help.output.contains("--generate-completion-script bash"))
  }

  @Test(arguments: ["store-gateway", "compact"])
  func `the version has the form of the reference's`(program: String) async throws {
    let running = try RunningProgram(program, ["--version"])
    #expect(await running.waitForExit() == 0)
    let first = running.output.split(separator: "\n").first
    #expect(first == "\(program), version 0.1.0 (branch: , revision: unknown)")
  }

  @Test func `the compactor has the same API`() async throws {
    try await withBucket { bucket, directory in
      let port = try freePort()
      let program = try RunningProgram(
        "compact",
        [
          "--wait", "--data-dir=\(directory)/work", "--http-address=127.0.0.1:\(port)",
          "--objstore.config={type: FILESYSTEM, config: {directory: \(bucket)}}",
          "--consistency-delay=0s", "--max-time=1970-01-01T00:00:00Z",
          "--enable-admin-operations",
        ])
      try await program.wait {
        (try? await httpRequest(port: port, "/-/ready").status) == 200
      }
      func get(_ path: String) async throws -> JSONValue {
        try JSONValue(parsing: try await httpRequest(port: port, path).bytes)["data"]
      }
      let blocks = try liveBlocks(in: bucket)
      #expect(try await get("/api/v1/blocks?view=global")["blocks"].array?.count == blocks.count)
      #expect(try await get("/api/v1/blocks?view=loaded")["blocks"].array?.count == 0)
      #expect(try await get("/api/v1/status/flags")["wait"].string == "true")
      #expect(try await get("/api/v1/status/runtimeinfo")["CWD"].string != nil)
      let mark = try await httpRequest(
        port: port, "/api/v1/blocks/mark", method: "POST",
        body: "id=\(blocks[0])&action=NO_DOWNSAMPLE")
      #expect(mark.status == 204)
      #expect(try await httpRequest(port: port, "/debug/tasks").status == 200)
      let metrics = try await httpRequest(port: port, "/metrics").body
      #expect(metrics.contains("http_requests_total{code=\"204\",handler=\"blocks_mark\""))
      // Names that dashboards ask for and the reference does not have.
      #expect(metrics.contains("\nthanos_compact_blocks_marked_for_deletion_total 0\n"))
      #expect(metrics.contains("\nthanos_compact_downsample_failed_total{resolution=\"0\"} 0\n"))
      program.send(signal: SIGTERM)
      #expect(await program.waitForExit() == 0)
    }
  }
}
