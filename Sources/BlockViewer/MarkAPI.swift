internal import BlockCatalog
public import Logging
public import ObjectStore
public import ServerRuntime
internal import TSDBBlock

/// `POST /api/v1/blocks/mark`: marks a block by hand.
///
///     id=01EM6Q6A1YPX4G9TEB20J22B2R & action=DELETION | NO_COMPACTION | NO_DOWNSAMPLE & detail=…
///
/// Answers 204 when the block has the mark, also when it had it before. Off unless administrative
/// operations are enabled: it needs no password, and a deletion mark deletes data in the end.
public struct MarkAPI: Sendable {
  private static let longestDetail = 1024

  private let bucket: any Bucket
  private let isEnabled: Bool
  private let logger: Logger
  private let now: @Sendable () -> Int64

  /// - Parameter now: Unix milliseconds.
  public init(
    bucket: any Bucket, isEnabled: Bool, logger: Logger, now: @escaping @Sendable () -> Int64
  ) {
    self.bucket = bucket
    self.isEnabled = isEnabled
    self.logger = logger
    self.now = now
  }

  public var route: AdminRoute {
    AdminRoute(.post, "/api/v1/blocks/mark", name: "blocks_mark") { await answer($0) }
  }

  private func answer(_ request: AdminRequest) async -> AdminResponse {
    guard isEnabled else {
      return APIAnswer.failure(
        .badData, "Admin operations are disabled; start with --enable-admin-operations")
    }
    let form = request.form
    guard let text = form["id"], !text.isEmpty else {
      return APIAnswer.failure(.badData, "ID cannot be empty; give id=ULID")
    }
    guard let id = BlockID(text) else {
      return APIAnswer.failure(.badData, "\"\(text.prefix(64))\" is no ULID")
    }
    guard let action = form["action"], !action.isEmpty else {
      return APIAnswer.failure(.badData, "Action cannot be empty; give action=DELETION, …")
    }
    let detail = form["detail"] ?? ""
    guard detail.utf8.count <= Self.longestDetail else {
      return APIAnswer.failure(.badData, "detail is longer than \(Self.longestDetail) bytes")
    }
    guard let mark = mark(action, id, detail) else {
      return APIAnswer.failure(
        .badData,
        "not supported marker \(action.prefix(64)); use DELETION, NO_COMPACTION or NO_DOWNSAMPLE")
    }
    return await write(mark, id, action, requestID: request.id)
  }

  private func mark(_ action: String, _ id: BlockID, _ detail: String) -> (any BlockMark)? {
    let seconds = now() / 1000
    let reason = MarkReason.manual
    return switch action {
    case "DELETION": DeletionMark(id: id, details: detail, time: seconds)
    case "NO_COMPACTION": NoCompactMark(id: id, details: detail, time: seconds, reason: reason)
    case "NO_DOWNSAMPLE":
      NoDownsampleMark(id: id, details: detail, time: seconds, reason: reason)
    default: nil
    }
  }

  private func write(
    _ mark: any BlockMark, _ id: BlockID, _ action: String, requestID: String
  ) async -> AdminResponse {
    do {
      guard try await BlockMarking.isMarkable(id, in: bucket) else {
        return APIAnswer.failure(.badData, "there is no block \(id) in the bucket")
      }
      let isNew = try await BlockMarking.write(mark, of: id, in: bucket)
      logger.warning(
        isNew ? "marked a block by hand" : "a block to be marked by hand has the mark already",
        metadata: ["block": "\(id)", "action": "\(action)", "request_id": "\(requestID)"])
      return APIAnswer.done
    } catch {
      return APIAnswer.failure(.internal, "\(error)")
    }
  }
}
