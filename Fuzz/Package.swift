// swift-tools-version: 6.2
import PackageDescription

// A package of its own so that an everyday build stays small. `Scripts/fuzz.sh` builds it with
// `--sanitize fuzzer`, which brings the `main` that this target lacks, and with `-enable-testing`,
// because most of what reads foreign bytes is internal to its module.
let package = Package(
  name: "blockhouse-fuzz",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "blockhouse", path: ".."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .executableTarget(
      name: "block-fuzz",
      dependencies: [
        .product(name: "TSDBBlock", package: "blockhouse"),
        .product(name: "_ForeignBytes", package: "blockhouse"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
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
