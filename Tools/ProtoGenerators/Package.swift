// swift-tools-version: 6.1
// Builds the two protoc plug-ins that `make protos` needs. Kept apart from the main package so that
// an everyday build never compiles them.
import PackageDescription

let package = Package(
  name: "ProtoGenerators",
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
  ],
  targets: [
    .target(
      name: "ProtoGenerators",
      dependencies: [
        .product(name: "protoc-gen-swift", package: "swift-protobuf"),
        .product(name: "protoc-gen-grpc-swift-2", package: "grpc-swift-protobuf"),
      ],
      path: "Sources")
  ]
)
