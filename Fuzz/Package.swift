// swift-tools-version: 6.2
import PackageDescription

// A package of its own so that an everyday build stays small. `Scripts/fuzz.sh` builds it with
// `--sanitize fuzzer`, which brings the `main` that this target lacks.
let package = Package(
  name: "blockhouse-fuzz",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "blockhouse", path: "..")
  ],
  targets: [
    .executableTarget(
      name: "block-fuzz",
      dependencies: [.product(name: "TSDBBlock", package: "blockhouse")],
      path: "Sources/BlockFuzz",
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
