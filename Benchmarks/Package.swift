// swift-tools-version: 6.2
import PackageDescription

// A package of its own so that an everyday build stays small.
let package = Package(
  name: "blockhouse-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "blockhouse", path: ".."),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Apart from the other benchmarks, which do without the services and so build in a minute.
    .executableTarget(
      name: "series-bench",
      dependencies: [
        .product(name: "StoreGateway", package: "blockhouse"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Sources/SeriesBench",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]),
    .executableTarget(
      name: "blockhouse-bench",
      dependencies: [.product(name: "TSDBBlock", package: "blockhouse")],
      path: "Sources/BlockhouseBench",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
