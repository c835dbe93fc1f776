// swift-tools-version: 6.2
import PackageDescription

// MARK: - Settings

/// Language features every target of ours is written in.
let features: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Source targets also have every unsafe construct marked; tests need not.
let strict: [SwiftSetting] = features + [.strictMemorySafety()]

/// `@_lifetime` lets a type hand out a `RawSpan` of memory it owns.
let spans: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

// MARK: - Package

let package = Package(
  name: "blockhouse",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "TSDBBlock", targets: ["TSDBBlock"]),
    // With the modules that their public declarations speak of.
    .library(
      name: "StoreGateway", targets: ["StoreGateway", "ObjectStore", "ServerRuntime", "Telemetry"]),
    .library(name: "Compactor", targets: ["Compactor", "ObjectStore", "Telemetry"]),
    // Of no use outside: lets the package in Fuzz reach what reads foreign bytes.
    .library(
      name: "_ForeignBytes",
      targets: ["CachingBucket", "IndexCache", "RemoteCache", "S3", "Snappy"]),
    .executable(name: "store-gateway", targets: ["StoreGatewayCommand"]),
    .executable(name: "compact", targets: ["CompactorCommand"]),
    .executable(name: "blocktool", targets: ["BlockToolCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C and C++ shims.
    .target(name: "CBlockIO"),
    .target(name: "CCRC32C"),
    .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
    .target(name: "CMalloc"),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    .target(name: "CResolve", linkerSettings: [.linkedLibrary("resolv")]),
    .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"]), .brew(["snappy"])]),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),

    // The block library: synchronous, no NIO, no logging.
    .target(
      name: "TSDBBlock",
      dependencies: ["CBlockIO", "CCRC32C", "CRE2"],
      swiftSettings: strict + spans),

    // Plumbing.
    .target(
      name: "Telemetry",
      dependencies: [
        "CMalloc",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
      ],
      swiftSettings: strict),
    .target(
      name: "ObjectStore",
      dependencies: ["Telemetry", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(
      name: "S3",
      dependencies: [
        "ObjectStore", "Telemetry", "TransportSecurity",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .target(name: "Buckets", dependencies: ["ObjectStore", "S3"], swiftSettings: strict),
    .target(
      name: "BlockCatalog",
      dependencies: [
        "TSDBBlock", "ObjectStore", "Telemetry",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Snappy", dependencies: ["CSnappy", "TSDBBlock"], swiftSettings: strict),
    .target(
      name: "TransportSecurity",
      dependencies: [
        "ObjectStore",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "RemoteCache",
      dependencies: [
        "CResolve", "ObjectStore", "TSDBBlock", "Telemetry", "TransportSecurity",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .target(
      name: "IndexCache",
      dependencies: [
        "RemoteCache", "Snappy", "TSDBBlock", "ObjectStore", "Telemetry",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "CachingBucket",
      dependencies: [
        "IndexCache", "RemoteCache", "ObjectStore", "TSDBBlock", "Telemetry",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "RemoteBlocks",
      dependencies: [
        "IndexCache", "ObjectStore", "TSDBBlock", "Telemetry",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict + spans),
    .target(
      name: "ServerRuntime",
      dependencies: [
        "CCrypt", "CZlib", "ObjectStore", "TSDBBlock", "Telemetry", "TransportSecurity",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdHTTP2", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .target(
      name: "StoreAPI",
      dependencies: [
        "TSDBBlock",
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      exclude: ["Protos"],
      resources: [.embedInCode("Resources/descriptors.binpb")],
      swiftSettings: strict + spans),
    .target(
      name: "CommandSupport",
      dependencies: [
        "BlockCatalog", "Buckets", "ObjectStore", "TSDBBlock", "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "ServerSupport",
      dependencies: [
        "BlockCatalog", "BlockViewer", "Buckets", "CommandSupport", "ObjectStore",
        "ServerRuntime", "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),

    .target(
      name: "BlockViewer",
      dependencies: [
        "BlockCatalog", "Console", "ObjectStore", "ServerRuntime", "TSDBBlock", "Telemetry",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(name: "Console", dependencies: ["TSDBBlock"], swiftSettings: strict),

    // Services.
    .target(
      name: "StoreGateway",
      dependencies: [
        "BlockCatalog", "IndexCache", "ObjectStore", "RemoteBlocks", "ServerRuntime", "Snappy",
        "StoreAPI", "TSDBBlock", "Telemetry", "TransportSecurity",
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: strict + spans),
    .target(
      name: "Compactor",
      dependencies: [
        "BlockCatalog", "ObjectStore", "ServerRuntime", "TSDBBlock", "Telemetry",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict + spans),
    .target(
      name: "CompactorSupport",
      dependencies: [
        "BlockCatalog", "CommandSupport", "Compactor", "Console", "ObjectStore", "TSDBBlock",
        "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Programs: flags and wiring only.
    .executableTarget(
      name: "StoreGatewayCommand",
      dependencies: [
        "BlockCatalog", "BlockViewer", "CachingBucket", "CommandSupport", "IndexCache",
        "ObjectStore", "RemoteBlocks", "ServerRuntime", "ServerSupport", "StoreGateway",
        "Telemetry", "TransportSecurity",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "CompactorCommand",
      dependencies: [
        "BlockCatalog", "BlockViewer", "CommandSupport", "Compactor", "CompactorSupport", "Console",
        "ObjectStore", "ServerRuntime", "ServerSupport", "TSDBBlock", "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "BlockToolCommand",
      dependencies: [
        "BlockCatalog", "BlockViewer", "Buckets", "CommandSupport", "Compactor",
        "CompactorSupport", "Console", "ObjectStore", "ServerRuntime", "ServerSupport",
        "TSDBBlock", "Telemetry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict + spans),

    // Tests mirror the sources.
    .target(
      name: "TestSupport",
      dependencies: ["ObjectStore", "TSDBBlock"],
      path: "Tests/TestSupport",
      swiftSettings: features + spans),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .testTarget(
      name: "TSDBBlockTests",
      dependencies: ["TSDBBlock", "CAllocationCounter", "CCRC32C", "TestSupport"],
      swiftSettings: features + spans),
    .testTarget(
      name: "TelemetryTests",
      dependencies: [
        "Telemetry", "TestSupport", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "ObjectStoreTests", dependencies: ["ObjectStore", "Telemetry", "TestSupport"],
      swiftSettings: features),
    .testTarget(
      name: "BucketsTests",
      dependencies: [
        "Buckets", "CachingBucket", "ObjectStore", "S3", "Telemetry", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "S3Tests",
      dependencies: [
        "S3", "ObjectStore", "Telemetry", "TestSupport", "TransportSecurity",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "BlockCatalogTests",
      dependencies: [
        "BlockCatalog", "ObjectStore", "Telemetry", "TestSupport", "TSDBBlock",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "SnappyTests", dependencies: ["Snappy", "TestSupport", "TSDBBlock"],
      swiftSettings: features + spans
    ),
    .testTarget(
      name: "RemoteCacheTests",
      dependencies: [
        "RemoteCache", "ObjectStore", "TestSupport", "TSDBBlock", "Telemetry",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "IndexCacheTests",
      dependencies: [
        "IndexCache", "ObjectStore", "RemoteCache", "Snappy", "TestSupport", "TSDBBlock",
        "Telemetry",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "CachingBucketTests",
      dependencies: [
        "CachingBucket", "IndexCache", "ObjectStore", "RemoteCache", "TestSupport", "TSDBBlock",
        "Telemetry", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "RemoteBlocksTests",
      dependencies: [
        "RemoteBlocks", "CachingBucket", "IndexCache", "ObjectStore", "TestSupport", "TSDBBlock",
        "Telemetry", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features + spans),
    .testTarget(
      name: "ServerRuntimeTests",
      dependencies: [
        "ObjectStore", "ServerRuntime", "Telemetry", "TestSupport", "TransportSecurity",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "StoreAPITests",
      dependencies: [
        "StoreAPI", "TSDBBlock", "TestSupport",
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCInProcessTransport", package: "grpc-swift-2"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: features + spans),
    .testTarget(
      name: "CommandSupportTests",
      dependencies: [
        "Buckets", "CommandSupport", "ObjectStore", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "StoreGatewayTests",
      dependencies: [
        "StoreGateway", "StoreGatewayCommand", "StoreAPI", "BlockCatalog", "CommandSupport",
        "IndexCache", "ObjectStore", "RemoteBlocks", "ServerRuntime", "Snappy", "TSDBBlock",
        "Telemetry", "TestSupport", "TransportSecurity",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCInProcessTransport", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: features + spans),
    .testTarget(
      name: "CompactorTests",
      dependencies: [
        "Compactor", "BlockCatalog", "ObjectStore", "TestSupport", "TSDBBlock",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features + spans),
    .testTarget(
      name: "BlockViewerTests",
      dependencies: [
        "BlockCatalog", "BlockViewer", "ObjectStore", "ServerRuntime", "TSDBBlock", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: features),
    .testTarget(
      name: "BlockToolTests",
      dependencies: [
        "BlockToolCommand", "Buckets", "CommandSupport", "Console", "ObjectStore", "TSDBBlock",
        "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: features + spans),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Buckets", "ObjectStore", "TSDBBlock", "TestSupport", "StoreGatewayCommand",
        "CompactorCommand", "BlockToolCommand",
      ],
      swiftSettings: features),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11,
  cxxLanguageStandard: .cxx17
)
