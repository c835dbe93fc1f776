import Foundation
import TestSupport
import Testing

/// What `deploy/` holds is read by the programs it is for, and speaks of flags and metrics that exist.
@Suite(.serialized) struct DeployTests {
  private static let directory = packageRoot + "/deploy"

  private static func files(_ folder: String, _ suffix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(folder)")
      .filter { $0.hasSuffix(suffix) }.sorted().map { "\(directory)/\(folder)/\($0)" }
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  /// The documents of a YAML file, as another library than ours reads them.
  private func documents(_ path: String) throws -> [JSONValue] {
    let script = """
      import json, sys, yaml
      print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))
      """
    let output = try runProcess("/usr/bin/python3", ["-c", script, path]).requireSuccess().output
    return try JSONValue(parsing: output).array ?? []
  }

  // MARK: - systemd

  @Test(arguments: ["store-gateway", "compact"])
  func `units are valid, and leave a service little to do harm with`(name: String) throws {
    try withTemporaryDirectory { directory in
      let unit = "\(directory)/\(name).service"
      let program = try builtProgram(name)
      let original = try text("\(Self.directory)/systemd/\(name).service")
      #expect(original.contains("ExecStart=/usr/bin/\(name) "))
      try Data(original.replacingOccurrences(of: "/usr/bin/\(name)", with: program).utf8)
        .write(to: URL(fileURLWithPath: unit))
      let verified = try runProcess("systemd-analyze", ["verify", unit])
      #expect(verified.status == 0)
      #expect(verified.errorText == "")
      // In tenths: 10.0 is a service that may do anything, 2.0 and less is good.
      let exposure = try runProcess(
        "systemd-analyze", ["security", "--offline=yes", "--threshold=20", unit])
      #expect(exposure.status == 0, "\(exposure.outputText)")
    }
  }

  @Test(arguments: ["store-gateway", "compact"])
  func `the command of a unit starts the program, which tells that it is ready`(
    name: String
  ) async throws {
    let unit = try text("\(Self.directory)/systemd/\(name).service")
    let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    try await withTemporaryDirectory { directory in
      try Data("type: FILESYSTEM\nconfig: {directory: \(directory)}\n".utf8)
        .write(to: URL(fileURLWithPath: directory + "/bucket.yml"))
      var arguments: [String] = []
      for word in line.split(separator: " ").dropFirst()
      where word != "$FLAGS" && word != "--log.format=journald" {
        let moved = String(word).replacingOccurrences(of: "/etc/blockhouse", with: directory)
        arguments.append(moved.replacingOccurrences(of: "/var/lib/blockhouse", with: directory))
      }
      let listener = try DatagramListener(path: directory + "/notify")
      let own = name == "compact" ? [] : ["--grpc-address=127.0.0.1:\(try freePort())"]
      let program = try RunningProgram(
        name, arguments + own + ["--http-address=127.0.0.1:\(try freePort())"],
        environment: ["NOTIFY_SOCKET": directory + "/notify"])
      var messages: [String] = []
      try await program.wait {
        messages += listener.receive()
        return messages.contains("READY=1")
      }
      program.send(signal: SIGTERM)
      #expect(await program.waitForExit() == 0)
    }
  }

  // MARK: - Prometheus and Grafana

  @Test func `alerts are valid and fire when they should`() throws {
    let folder = Self.directory + "/prometheus"
    let checked = try runProcess("promtool", ["check", "rules", "alerts.yml"], in: folder)
    #expect(checked.status == 0, "\(checked.errorText)")
    let tested = try runProcess("promtool", ["test", "rules", "alerts_test.yml"], in: folder)
    #expect(tested.status == 0, "\(tested.outputText) \(tested.errorText)")
  }

  @Test func `alerts and dashboards ask for metrics that exist`() async throws {
    var known = try await metricNames("store-gateway")
    known.formUnion(try await metricNames("compact"))
    let alerts = try text(Self.directory + "/prometheus/alerts.yml")
    let boards = try Self.files("grafana", ".json")
    #expect(boards.count == 2)
    for (path, content) in try [("alerts.yml", alerts)] + boards.map({ ($0, try text($0)) }) {
      let asked = Set(
        content.matches(of: /\b(?:thanos|blockhouse|grpc_server|http|process|go)_[a-z0-9_]+/)
          .map { String($0.output) }
      ).subtracting(["grpc_server"])
      #expect(asked.count > 15)
      #expect(asked.subtracting(known) == [], "\(path)")
    }
    for path in boards {
      let board = try JSONValue(parsing: Array(try text(path).utf8))
      #expect(board["panels"].array?.isEmpty == false)
      // Grafana wants ids that differ.
      let ids = board["panels"].array?.map { "\($0["id"])" } ?? []
      #expect(Set(ids).count == board["panels"].array?.count)
    }
  }

  /// Every name that a running program exposes, with those of the parts of histograms.
  private func metricNames(_ program: String) async throws -> Set<String> {
    try await withTemporaryDirectory { directory in
      let port = try freePort()
      let own =
        program == "compact" ? ["--wait"] : ["--grpc-address=127.0.0.1:\(try freePort())"]
      let running = try RunningProgram(
        program,
        own + [
          "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)}}",
          "--data-dir=\(directory)/data", "--http-address=127.0.0.1:\(port)",
        ])
      try await running.wait {
        (try? await httpRequest(port: port, "/-/ready").status) == 200
      }
      let page = try await httpRequest(port: port, "/metrics").body
      running.send(signal: SIGTERM)
      #expect(await running.waitForExit() == 0)
      var names: Set<String> = []
      for line in page.split(separator: "\n") where line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        let name = String(words[2])
        names.insert(name)
        if words[3] == "histogram" {
          names.formUnion(["_bucket", "_sum", "_count"].map { name + $0 })
        }
      }
      return names
    }
  }

  // MARK: - Kubernetes

  @Test(arguments: [("store-gateway", "thanos-store"), ("compact", "thanos-compact")])
  func `manifests start the programs with flags that they take`(
    program: String, name: String
  ) async throws {
    let all = try documents("\(Self.directory)/kubernetes/\(program).yaml")
    let kinds = all.compactMap { $0["kind"].string }
    #expect(
      kinds == [
        "ServiceAccount", "Service", "StatefulSet", "PodDisruptionBudget", "ServiceMonitor",
      ])
    for document in all { #expect(document["metadata"]["name"].string == name) }
    let pod = all[2]["spec"]["template"]["spec"]
    let container = try #require(pod["containers"].array?.first)
    #expect(container["securityContext"]["readOnlyRootFilesystem"] == .bool(true))
    #expect(pod["securityContext"]["runAsNonRoot"] == .bool(true))
    try await withTemporaryDirectory { directory in
      let ports = ["10901": try freePort(), "10902": try freePort()]
      let arguments = (container["args"].array ?? []).compactMap(\.string).map { argument in
        ports.reduce(argument.replacingOccurrences(of: "/var/thanos", with: directory)) {
          $0.replacingOccurrences(of: "0.0.0.0:\($1.key)", with: "127.0.0.1:\($1.value)")
        }
        // Kubernetes puts the variable in.
        .replacingOccurrences(
          of: "$(OBJSTORE_CONFIG)",
          with: "{type: FILESYSTEM, config: {directory: \(directory)}}")
      }
      let running = try RunningProgram(program, arguments)
      for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        let path = try #require(container[probe]["httpGet"]["path"].string)
        try await running.wait {
          (try? await httpRequest(port: ports["10902"] ?? 0, path).status) == 200
        }
      }
      running.send(signal: SIGTERM)
      #expect(await running.waitForExit() == 0)
    }
  }

  @Test func `the kustomization names files that are there`() throws {
    let folder = Self.directory + "/kubernetes"
    let names = try documents(folder + "/kustomization.yaml")[0]["resources"].array ?? []
    let present = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(Set(names.compactMap(\.string) + ["kustomization.yaml"]) == Set(present))
  }

  // MARK: - Object stores

  @Test func `object store files are YAML, and those of FILESYSTEM start a gateway`()
    async throws
  {
    let files = try Self.files("objstore", ".yml")
    #expect(files.count == 8)
    for path in files { #expect(try documents(path)[0]["type"].string != nil, "\(path)") }
    try await withTemporaryDirectory { directory in
      let bucket = try text(Self.directory + "/objstore/filesystem.yml")
        .replacingOccurrences(of: "/srv/blocks", with: directory)
      try Data(bucket.utf8).write(to: URL(fileURLWithPath: directory + "/bucket.yml"))
      let port = try freePort()
      let running = try RunningProgram(
        "store-gateway",
        [
          "--objstore.config-file=\(directory)/bucket.yml", "--data-dir=\(directory)/data",
          "--index-cache.config-file=\(Self.directory)/objstore/index-cache-memory.yml",
          "--http-address=127.0.0.1:\(port)", "--grpc-address=127.0.0.1:\(try freePort())",
        ])
      try await running.wait {
        (try? await httpRequest(port: port, "/-/ready").status) == 200
      }
      running.send(signal: SIGTERM)
      #expect(await running.waitForExit() == 0)
    }
  }

  // MARK: - Container

  @Test func `the command of the image starts both servers, and its check tells their health`()
    async throws
  {
    try await withTemporaryDirectory { directory in
      for name in ["store-gateway", "compact"] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(directory)/\(name)", withDestinationPath: try builtProgram(name))
      }
      let container = Self.directory + "/container"
      let search = ["PATH": directory + ":/usr/bin:/bin"]
      for command in [["store"], ["compact", "--wait"]] {
        let port = try freePort()
        let check = ["HEALTHCHECK_PORT": "\(port)"]
        #expect(
          try runProcess(container + "/healthcheck", [], environment: check).status != 0)
        let own = command[0] == "store" ? ["--grpc-address=127.0.0.1:\(try freePort())"] : []
        let running = try RunningProgram(
          path: container + "/thanos",
          command + own + [
            "--objstore.config={type: FILESYSTEM, config: {directory: \(directory)}}",
            "--data-dir=\(directory)/data", "--http-address=127.0.0.1:\(port)",
          ], environment: search)
        try await running.wait {
          (try? runProcess(container + "/healthcheck", [], environment: check).status) == 0
        }
        running.send(signal: SIGTERM)
        #expect(await running.waitForExit() == 0)
      }
      let unknown = try runProcess(container + "/thanos", ["query"], environment: search)
      #expect(unknown.status == 1)
      #expect(unknown.errorText.hasPrefix("thanos: unknown command \"query\""))
    }
  }
}
