internal import GRPCCore
internal import StoreAPI
internal import TSDBBlock

/// `thanos.info.Info`: how queriers learn which labels and times this store has.
struct InfoService: Thanos_Info_Info.SimpleServiceProtocol {
  let blocks: PublishedBlocks
  let window: ServedWindow

  func info(
    request: Thanos_Info_InfoRequest, context: ServerContext
  ) async throws -> Thanos_Info_InfoResponse {
    let summary = StoreSummary(blocks.current, window: window.current)
    var response = Thanos_Info_InfoResponse()
    response.componentType = "store"
    response.labelSets = summary.labelSets.map(StoreSummary.message)
    response.store.minTime = summary.minTime
    response.store.maxTime = summary.maxTime
    response.store.supportsSharding = true
    response.store.supportsWithoutReplicaLabels = true
    response.store.tsdbInfos = summary.coverage
    return response
  }
}
