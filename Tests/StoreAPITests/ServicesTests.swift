import GRPCCore
import GRPCInProcessTransport
import StoreAPI
import SwiftProtobuf
import TestSupport
import Testing

@Suite struct ReflectionServiceTests {
  typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
  typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

  static func ask(_ question: Request.OneOf_MessageRequest) async throws -> Response {
    let transport = InProcessTransport()
    return try await withGRPCServer(
      transport: transport.server, services: [ReflectionService()]
    ) { _ in
      try await withGRPCClient(transport: transport.client) { client in
        try await Grpc_Reflection_V1_ServerReflection.Client(wrapping: client)
          .serverReflectionInfo { writer in
            try await writer.write(.with { $0.messageRequest = question })
          } onResponse: { response in
            var last = Response()
            for try await message in response.messages { last = message }
            return last
          }
      }
    }
  }

  static func fileNames(_ response: Response) throws -> [String] {
    try response.fileDescriptorResponse.fileDescriptorProto.map {
      try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name
    }
  }

  @Test func `the list names every service of the gateway`() async throws {
    let names = try await Self.ask(.listServices("*")).listServicesResponse.service.map(\.name)
    #expect(
      names == [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection", "thanos.Store", "thanos.info.Info",
      ])
  }

  @Test(arguments: [
    "thanos.Store", "thanos.Store.Series", "thanos.SeriesRequest", "thanos.QueryHints.func",
    "thanos.RAW",
  ])
  func `a symbol leads to its file and to all that the file imports`(symbol: String) async throws {
    let names = try Self.fileNames(await Self.ask(.fileContainingSymbol(symbol)))
    #expect(names.first == "thanos/rpc.proto")
    #expect(
      names.dropFirst().sorted() == [
        "google/protobuf/any.proto", "thanos/labels.proto", "thanos/types.proto",
      ])
  }

  @Test func `a file is found by its name`() async throws {
    let names = try Self.fileNames(await Self.ask(.fileByFilename("thanos/labels.proto")))
    #expect(names == ["thanos/labels.proto"])
  }

  @Test func `what does not exist is answered with not found`() async throws {
    #expect(try await Self.ask(.fileContainingSymbol("thanos.Nope")).errorResponse.errorCode == 5)
    #expect(try await Self.ask(.fileByFilename("nope.proto")).errorResponse.errorCode == 5)
  }
}

@Suite struct HealthServiceTests {
  static func withClient<Result: Sendable>(
    _ health: HealthService,
    _ body:
      @Sendable (Grpc_Health_V1_Health.Client<InProcessTransport.Client>) async throws ->
      Result
  ) async throws -> Result {
    let transport = InProcessTransport()
    return try await withGRPCServer(transport: transport.server, services: [health]) { _ in
      try await withGRPCClient(transport: transport.client) { client in
        try await body(Grpc_Health_V1_Health.Client(wrapping: client))
      }
    }
  }

  @Test func `a server is not serving until it says so`() async throws {
    let health = HealthService(services: ["thanos.Store"])
    try await Self.withClient(health) { client in
      let before = try await client.check(.init()).status
      #expect(before == .notServing)
      health.setServing(true)
      let server = try await client.check(.init()).status
      let service = try await client.check(.with { $0.service = "thanos.Store" }).status
      #expect(server == .serving)
      #expect(service == .serving)
    }
  }

  @Test func `an unknown service is not found`() async throws {
    let error = await #expect(throws: RPCError.self) {
      try await Self.withClient(HealthService(services: [])) { client in
        try await client.check(.with { $0.service = "nope" })
      }
    }
    #expect(error?.code == .notFound)
  }

  @Test func `a watcher hears of changes until the server shuts down`() async throws {
    let health = HealthService(services: [])
    let statuses = try await Self.withClient(health) { client in
      try await client.watch(.init()) { response in
        var statuses: [HealthService.Status] = []
        for try await message in response.messages {
          statuses.append(message.status)
          if message.status == .serving { health.shutDown() } else { health.setServing(true) }
        }
        return statuses
      }
    }
    #expect(statuses == [.notServing, .serving, .notServing])
  }
}
