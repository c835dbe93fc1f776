internal import FoundationEssentials
public import GRPCCore
internal import GRPCProtobuf
internal import SwiftProtobuf

/// Server reflection: lets `grpcurl` and the like call every method without having the protos.
///
/// Registers `grpc.reflection.v1` and `v1alpha`, whose messages are the same on the wire.
public struct ReflectionService: RegistrableRPCService {
  typealias Request = Grpc_Reflection_V1_ServerReflectionRequest
  typealias Response = Grpc_Reflection_V1_ServerReflectionResponse

  private let index: DescriptorIndex

  /// - Throws: When the embedded descriptors cannot be decoded.
  public init() throws {
    index = try DescriptorIndex(descriptorSet: PackageResources.descriptors_binpb)
  }

  public func registerMethods<Transport: ServerTransport>(
    with router: inout RPCRouter<Transport>
  ) {
    for version in ["v1", "v1alpha"] {
      router.registerHandler(
        forMethod: MethodDescriptor(
          fullyQualifiedService: "grpc.reflection.\(version).ServerReflection",
          method: "ServerReflectionInfo"),
        deserializer: ProtobufDeserializer<Request>(),
        serializer: ProtobufSerializer<Response>()
      ) { request, _ in
        StreamingServerResponse { writer in
          for try await message in request.messages {
            try await writer.write(self.answer(message))
          }
          return [:]
        }
      }
    }
  }

  func answer(_ request: Request) -> Response {
    .with {
      $0.validHost = request.host
      $0.originalRequest = request
      $0.messageResponse = result(of: request)
    }
  }

  private func result(of request: Request) -> Response.OneOf_MessageResponse {
    switch request.messageRequest {
    case .listServices:
      let names = index.services.map { name in
        Grpc_Reflection_V1_ServiceResponse.with { $0.name = name }
      }
      return .listServicesResponse(.with { $0.service = names })
    case .fileByFilename(let name):
      return files(index.encodedFiles(named: name), missing: "no file named \(name)")
    case .fileContainingSymbol(let symbol):
      return files(index.encodedFiles(defining: symbol), missing: "unknown symbol \(symbol)")
    case .fileContainingExtension(let request):
      return failure(.notFound, "\(request.containingType) has no extensions here")
    case .allExtensionNumbersOfType(let type):
      guard index.isDefined(type) else { return failure(.notFound, "unknown type \(type)") }
      return .allExtensionNumbersResponse(.with { $0.baseTypeName = type })
    case nil:
      return failure(.invalidArgument, "the request asks for nothing this server knows")
    }
  }

  private func files(
    _ files: [[UInt8]]?, missing: String
  ) -> Response.OneOf_MessageResponse {
    guard let files else { return failure(.notFound, missing) }
    return .fileDescriptorResponse(.with { $0.fileDescriptorProto = files.map { Data($0) } })
  }

  private func failure(
    _ code: RPCError.Code, _ message: String
  ) -> Response.OneOf_MessageResponse {
    .errorResponse(
      .with {
        $0.errorCode = Int32(code.rawValue)
        $0.errorMessage = message
      })
  }
}
