internal import GRPCCore
internal import StoreAPI
internal import SwiftProtobuf

/// Calls of `thanos.Store` from inside the process: the messages that gRPC would carry, without a
/// connection. For programs that embed a gateway, and for measuring what a connection costs.
///
/// Limits, gates, metrics and the list of running queries are those of the served calls.
public struct StoreCalls: Sendable {
  let store: GatewayStoreService

  /// Answers a Series call.
  ///
  /// - Parameters:
  ///   - request: An encoded `thanos.SeriesRequest`.
  ///   - receive: Gets the encoded `thanos.SeriesResponse` messages in their order. The next part of
  ///     the answer is made when it returns.
  /// - Throws: ``StoreCallError``; `CancellationError`; what `receive` throws.
  public func series(
    _ request: [UInt8], receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    try await Self.translatingErrors {
      let request = try Self.decode(request, as: Thanos_SeriesRequest.self)
      let writer = RPCWriter(wrapping: EncodingWriter(receive: receive))
      try await store.series(request, metadata: [:], to: writer)
    }
  }

  /// Answers a LabelNames call.
  ///
  /// - Parameter request: An encoded `thanos.LabelNamesRequest`.
  /// - Returns: An encoded `thanos.LabelNamesResponse`.
  /// - Throws: ``StoreCallError``; `CancellationError`.
  public func labelNames(_ request: [UInt8]) async throws -> [UInt8] {
    try await Self.translatingErrors {
      let request = try Self.decode(request, as: Thanos_LabelNamesRequest.self)
      return try LabelAnswerSerializer().serialize(
        await store.labelNames(request, metadata: [:]))
    }
  }

  /// Answers a LabelValues call.
  ///
  /// - Parameter request: An encoded `thanos.LabelValuesRequest`.
  /// - Returns: An encoded `thanos.LabelValuesResponse`.
  /// - Throws: ``StoreCallError``; `CancellationError`.
  public func labelValues(_ request: [UInt8]) async throws -> [UInt8] {
    try await Self.translatingErrors {
      let request = try Self.decode(request, as: Thanos_LabelValuesRequest.self)
      return try LabelAnswerSerializer().serialize(
        await store.labelValues(request, metadata: [:]))
    }
  }

  private static func decode<Request: SwiftProtobuf.Message>(
    _ bytes: [UInt8], as type: Request.Type
  ) throws(RPCError) -> Request {
    do {
      return try Request(serializedBytes: bytes)
    } catch {
      throw RPCError(code: .invalidArgument, message: "not a \(Request.protoMessageName)")
    }
  }

  private static func translatingErrors<Result>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as RPCError {
      throw StoreCallError(code: error.code.rawValue, message: error.message)
    }
  }
}

/// Why a call of ``StoreCalls`` failed.
public struct StoreCallError: Error, CustomStringConvertible {
  /// The status code of gRPC, for example 8 for a limit that was passed.
  public let code: Int
  public let message: String

  public var description: String { "\(message) (code \(code))" }
}

/// Encodes frames as they would be sent.
private struct EncodingWriter: RPCWriterProtocol {
  let receive: @Sendable ([UInt8]) async throws -> Void

  func write(_ frame: SeriesFrame) async throws {
    try await receive(SeriesFrameSerializer().serialize(frame))
  }

  func write(contentsOf frames: some Sequence<SeriesFrame>) async throws {
    for frame in frames { try await write(frame) }
  }
}
