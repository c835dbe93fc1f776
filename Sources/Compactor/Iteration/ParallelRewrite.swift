internal import ObjectStore
internal import Synchronization
internal import TSDBBlock

/// Carries out a rewrite of blocks on several threads.
///
///     read ─► batch ─► transform ─┐
///             batch ─► transform ─┼─► write, in the order of reading
///             batch ─► transform ─┘
///
/// Twice as many batches as threads are under way, which bounds the memory.
enum ParallelRewrite {
  /// - Parameters:
  ///   - threadCount: threads that transform, at least 1; reading and writing take turns on another.
  ///   - report: called after each batch; false stops the rewrite.
  /// - Returns: nil when it was stopped.
  static func run<Transform: SeriesTransform>(
    _ rewrite: consuming BlockRewrite<Transform>, threadCount: Int,
    report: (BlockRewrite<Transform>.Progress) -> Bool
  ) async throws(BlockMergeError) -> RewriteResult? {
    let transforms = TransformPool(rewrite.transform)
    var rewrite = rewrite
    let result = await withTaskGroup(
      of: Numbered.self
    ) { group -> Result<RewriteResult?, BlockMergeError> in
      do throws(BlockMergeError) {
        var finished: [Int: RewriteOutput] = [:]
        var (started, written) = (0, 0)
        var hasMore = true
        while hasMore || written < started {
          while hasMore, started - written < 2 * max(threadCount, 1) {
            guard let batch = try rewrite.next() else {
              hasMore = false
              break
            }
            let number = started
            started += 1
            group.addTask {
              Numbered(number: number, output: transforms.transform(batch))
            }
          }
          guard written < started else { break }
          while finished[written] == nil {
            guard let next = await group.next() else { break }
            finished[next.number] = try next.output.get()
          }
          while let output = finished.removeValue(forKey: written) {
            try rewrite.write(output)
            transforms.recycle(output)
            written += 1
          }
          guard report(rewrite.progress) else {
            group.cancelAll()
            return .success(nil)
          }
        }
        return .success(rewrite.result)
      } catch {
        group.cancelAll()
        return .failure(error)
      }
    }
    return try result.get()
  }

  private struct Numbered: Sendable {
    var number: Int
    var output: Result<RewriteOutput, BlockMergeError>
  }
}

/// Transforms and outputs that are not in use, with the memory they have grown: outputs are large
/// enough to be pages of their own, which would be asked for and cleared for each batch.
private final class TransformPool<Transform: SeriesTransform>: Sendable {
  private struct Idle {
    var transforms: [Transform] = []
    var outputs: [RewriteOutput] = []
  }

  private let prototype: Transform
  private let idle = Mutex(Idle())

  init(_ prototype: Transform) { self.prototype = prototype }

  func transform(_ batch: RewriteBatch) -> Result<RewriteOutput, BlockMergeError> {
    // One by one: a pair of them would stay alive as a second owner, and be copied when it is changed.
    var transform = idle.withLock { $0.transforms.popLast() } ?? prototype
    var output = idle.withLock { $0.outputs.popLast() } ?? RewriteOutput()
    defer { idle.withLock { $0.transforms.append(transform) } }
    do throws(BlockMergeError) {
      try transform.transform(batch, into: &output)
      return .success(output)
    } catch {
      return .failure(error)
    }
  }

  func recycle(_ output: RewriteOutput) { idle.withLock { $0.outputs.append(output) } }
}

extension BlockingExecutor {
  /// Where blocks are made: separate, so that a long merge does not keep calls of the bucket waiting.
  static let compaction = BlockingExecutor(threadLimit: 64)
}
