public import ArgumentParser
public import BlockCatalog

/// `concurrent` or `recursive`, as `--block-discovery-strategy` takes them.
extension BlockDiscovery: ExpressibleByArgument {}
