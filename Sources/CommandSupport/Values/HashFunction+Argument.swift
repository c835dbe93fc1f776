public import ArgumentParser
public import BlockCatalog

extension HashFunction: ExpressibleByArgument {}
