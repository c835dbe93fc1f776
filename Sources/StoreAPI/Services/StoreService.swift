public import GRPCCore
internal import GRPCProtobuf

/// `thanos.Store`, with answers that are encoded without message objects.
///
/// The generated service protocol would make a message, an array and a `Data` per chunk, and a string
/// per name and value of labels.
public protocol StoreService: RegistrableRPCService {
  /// The call by which old queriers learn what a store holds.
  func info(_ request: Thanos_InfoRequest) async throws -> Thanos_InfoResponse

  /// Writes the answer frame by frame. `write` suspends while the client's window is full.
  func series(
    _ request: Thanos_SeriesRequest, metadata: Metadata, to writer: RPCWriter<SeriesFrame>
  ) async throws

  func labelNames(
    _ request: Thanos_LabelNamesRequest, metadata: Metadata
  ) async throws -> LabelAnswer

  func labelValues(
    _ request: Thanos_LabelValuesRequest, metadata: Metadata
  ) async throws -> LabelAnswer
}

extension StoreService {
  public func registerMethods<Transport: ServerTransport>(
    with router: inout RPCRouter<Transport>
  ) {
    registerSeries(with: &router)
    router.registerHandler(
      forMethod: Thanos_Store.Method.Info.descriptor,
      deserializer: ProtobufDeserializer<Thanos_InfoRequest>(),
      serializer: ProtobufSerializer<Thanos_InfoResponse>()
    ) { request, _ in
      let request = try await ServerRequest(stream: request)
      let response = try await self.info(request.message)
      return StreamingServerResponse(single: ServerResponse(message: response))
    }
    router.registerHandler(
      forMethod: Thanos_Store.Method.LabelNames.descriptor,
      deserializer: ProtobufDeserializer<Thanos_LabelNamesRequest>(),
      serializer: LabelAnswerSerializer()
    ) { request, _ in
      let request = try await ServerRequest(stream: request)
      let response = try await self.labelNames(request.message, metadata: request.metadata)
      return StreamingServerResponse(single: ServerResponse(message: response))
    }
    router.registerHandler(
      forMethod: Thanos_Store.Method.LabelValues.descriptor,
      deserializer: ProtobufDeserializer<Thanos_LabelValuesRequest>(),
      serializer: LabelAnswerSerializer()
    ) { request, _ in
      let request = try await ServerRequest(stream: request)
      let response = try await self.labelValues(request.message, metadata: request.metadata)
      return StreamingServerResponse(single: ServerResponse(message: response))
    }
  }

  private func registerSeries<Transport: ServerTransport>(
    with router: inout RPCRouter<Transport>
  ) {
    router.registerHandler(
      forMethod: Thanos_Store.Method.Series.descriptor,
      deserializer: ProtobufDeserializer<Thanos_SeriesRequest>(),
      serializer: SeriesFrameSerializer()
    ) { request, _ in
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse { writer in
        try await self.series(request.message, metadata: request.metadata, to: writer)
        return [:]
      }
    }
  }
}
