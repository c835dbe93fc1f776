// swift-tools-version: 6.2
import PackageDescription

// A package of its own so that an everyday build stays small.
let package = Package(
  name: "blockhouse-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "blockhouse", path: "..")
  ],
  targets: [
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
