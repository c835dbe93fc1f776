internal import BlockViewer
internal import StoreGateway

extension BlockView.Content {
  /// What the page shows of a gateway: the blocks that answer calls.
  init(_ served: StoreGatewayService.Served) {
    self.init(
      blocks: served.blocks.map { BlockView.Block(meta: $0) }, refreshed: served.refreshed,
      failure: served.failure)
  }
}
