// swift-tools-version: 6.2

import PackageDescription

/// Settings of every target that is ours: warnings are errors, imports say how far they reach.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The step path crosses modules for every byte: let release builds inline across them. Exclusive access to classes'
/// properties is checked at run time in debug builds, and so in every test, but not once more in every step of a release.
let strictAndFast: [SwiftSetting] =
  strict + [
    .unsafeFlags(
      ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
      .when(configuration: .release)
    )
  ]

let package = Package(
  name: "rl-arena-executor",
  products: [
    .executable(name: "executor", targets: ["executor"]),
    .executable(name: "orchestrator", targets: ["orchestrator"]),
    .executable(name: "arena", targets: ["arena"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // Its default traits would link all of Foundation, with 7 MiB more in the orchestrator's memory.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    // The transport of others, which tests and benchmarks hold ours against. No program links it.
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
  ],
  targets: [
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .target(name: "CLinux"),

    .target(name: "ArenaCore", swiftSettings: strictAndFast),
    .target(name: "ArenaSystem", dependencies: ["ArenaCore", "CLinux"], swiftSettings: strictAndFast),
    .target(name: "AgentProtocol", dependencies: ["ArenaCore"], swiftSettings: strictAndFast),
    .target(name: "Environments", dependencies: ["ArenaCore", "AgentProtocol"], swiftSettings: strictAndFast),

    .target(
      name: "Replay",
      dependencies: [
        "ArenaCore", "ArenaSystem", "AgentProtocol", "Environments", "CZstd", "CZlib", "CLinux",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Page"],
      swiftSettings: strictAndFast
    ),
    .target(
      name: "MatchEngine",
      dependencies: [
        "ArenaCore", "ArenaSystem", "AgentProtocol", "Environments", "Replay", "CLinux",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      swiftSettings: strictAndFast
    ),
    .target(
      name: "ReplayDelivery",
      dependencies: [
        "ArenaCore", "ArenaSystem", "Replay",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "ArenaLogging",
      dependencies: [.product(name: "Logging", package: "swift-log")],
      swiftSettings: strict
    ),

    .target(
      name: "GRPCNghttp2Transport",
      dependencies: [
        "CNghttp2", "CZlib",
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      swiftSettings: strictAndFast
    ),
    .target(
      name: "GRPCServices",
      dependencies: [
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "GRPCTestServer",
      dependencies: [
        "ArenaSystem", "GRPCNghttp2Transport", "GRPCServices",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Tests/GRPCTestServer",
      exclude: ["echo.proto"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "GRPCNghttp2TransportTests",
      dependencies: [
        "CNghttp2", "GRPCNghttp2Transport", "GRPCTestServer", "TestSupport",
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      exclude: ["grpcio_client.py"],
      swiftSettings: strict
    ),

    .executableTarget(
      name: "orchestrator",
      dependencies: [
        "ArenaCore", "ArenaSystem", "Environments", "MatchEngine", "Replay", "ArenaLogging",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict
    ),
    .target(
      name: "AgentSandbox",
      dependencies: [
        "ArenaCore", "ArenaSystem", "Environments", "MatchEngine", "Replay", "CLinux",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strictAndFast
    ),

    .target(name: "AgentArchive", dependencies: ["CZlib"], swiftSettings: strictAndFast),
    .testTarget(
      name: "AgentArchiveTests",
      dependencies: ["AgentArchive", "ArenaCore", "TestSupport"],
      swiftSettings: strict
    ),

    .target(
      name: "AgentValidation",
      dependencies: ["ArenaCore", "ArenaSystem", "AgentProtocol", "Environments", "AgentArchive", "AgentSandbox"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "AgentValidationTests",
      dependencies: ["AgentValidation", "AgentArchive", "AgentSandbox", "ArenaCore", "Environments", "TestSupport"],
      swiftSettings: strict
    ),

    .target(
      name: "ArenaConfiguration",
      dependencies: [
        "ArenaCore", "ArenaSystem", "Environments", "AgentSandbox", "AgentValidation", "Replay",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "ArenaConfigurationTests",
      dependencies: [
        "ArenaConfiguration", "AgentSandbox", "AgentValidation", "ArenaCore", "Replay", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict
    ),

    .target(
      name: "MatchExecutor",
      dependencies: [
        "ArenaCore", "ArenaSystem", "ArenaLogging", "Environments", "MatchEngine", "Replay", "AgentArchive",
        "AgentSandbox", "AgentValidation", "GRPCNghttp2Transport",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "executor",
      dependencies: [
        "ArenaConfiguration", "ArenaCore", "ArenaLogging", "ArenaSystem", "AgentSandbox", "AgentValidation",
        "GRPCNghttp2Transport", "GRPCServices", "MatchExecutor",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "MatchExecutorTests",
      dependencies: ["MatchExecutor", "ArenaCore", "Environments", "MatchEngine"],
      swiftSettings: strict
    ),

    .executableTarget(
      name: "SandboxHarness",
      dependencies: ["AgentSandbox"],
      path: "Tests/SandboxHarness",
      swiftSettings: strict
    ),
    .testTarget(
      name: "AgentSandboxTests",
      dependencies: ["AgentSandbox", "ArenaCore", "SandboxHarness", "TestSupport"],
      swiftSettings: strict
    ),

    .executableTarget(
      name: "arena",
      dependencies: [
        "ArenaCore", "ArenaSystem", "AgentProtocol", "Environments", "MatchEngine", "AgentSandbox", "Replay",
        "ReplayDelivery", "ArenaConfiguration",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "FlyingFox", package: "FlyingFox"),
      ],
      swiftSettings: strict
    ),

    .testTarget(
      name: "IntegrationTests",
      dependencies: ["orchestrator", "arena", "ArenaCore", "TestSupport"],
      exclude: ["Bots"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "ArenaProgramTests",
      dependencies: ["arena", "ArenaCore", "TestSupport"],
      swiftSettings: strict
    ),

    .target(name: "CPingPong", path: "Benchmarks/CPingPong"),
    .target(name: "CAllocationCount", path: "Benchmarks/CAllocationCount"),
    .target(
      name: "GRPCEcho",
      dependencies: ["ArenaSystem", .product(name: "GRPCCore", package: "grpc-swift-2")],
      path: "Benchmarks/GRPCEcho",
      swiftSettings: strictAndFast
    ),
    .executableTarget(
      name: "grpc-echo-nghttp2",
      dependencies: ["GRPCEcho", "GRPCNghttp2Transport"],
      path: "Benchmarks/GRPCEchoNghttp2",
      swiftSettings: strictAndFast
    ),
    .executableTarget(
      name: "grpc-echo-nio",
      dependencies: ["GRPCEcho", .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")],
      path: "Benchmarks/GRPCEchoNIO",
      swiftSettings: strictAndFast
    ),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "ArenaCore", "ArenaSystem", "AgentProtocol", "Environments", "MatchEngine", "AgentSandbox", "Replay",
        "CPingPong", "CAllocationCount", "CZstd", "CZlib", "GRPCEcho", "grpc-echo-nghttp2", "grpc-echo-nio",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
      ],
      path: "Benchmarks",
      exclude: [
        "CPingPong", "CAllocationCount", "GRPCEcho", "GRPCEchoNghttp2", "GRPCEchoNIO", "count-syscalls.sh",
        "in_process_loop.py",
      ],
      swiftSettings: strictAndFast
    ),

    .target(
      name: "TestSupport",
      dependencies: ["ArenaSystem", "CZlib", "Replay"],
      path: "Tests/TestSupport",
      exclude: ["Reader"],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "PageSamples",
      dependencies: ["AgentProtocol", "ArenaCore", "Environments", "MatchEngine", "Replay", "TestSupport"],
      path: "Tests/PageSamples",
      swiftSettings: strict
    ),
    .testTarget(name: "ArenaCoreTests", dependencies: ["ArenaCore"], swiftSettings: strict),
    .testTarget(
      name: "AgentProtocolTests",
      dependencies: ["AgentProtocol", "ArenaCore", "TestSupport"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "MatchEngineTests",
      dependencies: [
        "MatchEngine", "AgentProtocol", "ArenaCore", "ArenaSystem", "CLinux", "Environments", "Replay", "TestSupport",
      ],
      swiftSettings: strict
    ),
    .testTarget(
      name: "ArenaLoggingTests",
      dependencies: ["ArenaLogging", .product(name: "Logging", package: "swift-log")],
      swiftSettings: strict
    ),
    .testTarget(
      name: "EnvironmentsTests",
      dependencies: ["Environments", "AgentProtocol", "ArenaCore", "TestSupport"],
      exclude: ["Golden", "Reference"],
      swiftSettings: strict
    ),
    // Fed by a fuzzer (`make fuzz`), and by tests with what it found.
    .target(
      name: "FuzzTargets",
      dependencies: ["Replay", "AgentProtocol", "ArenaCore", "Environments", "MatchEngine", "CZstd"],
      path: "Tests/Fuzzing/FuzzTargets",
      swiftSettings: strict
    ),
    .executableTarget(
      name: "fuzz",
      dependencies: ["FuzzTargets", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Tests/Fuzzing/Fuzz",
      swiftSettings: strict
    ),
    .testTarget(
      name: "FuzzTests",
      dependencies: ["FuzzTargets", "TestSupport"],
      path: "Tests/Fuzzing/FuzzTests",
      swiftSettings: strict
    ),
    .testTarget(
      name: "ReplayDeliveryTests",
      dependencies: [
        "ReplayDelivery", "Replay", "ArenaCore", "ArenaSystem", "TestSupport", "arena", "orchestrator",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      exclude: ["Peers"],
      swiftSettings: strict
    ),
    .testTarget(
      name: "ReplayTests",
      dependencies: [
        "Replay", "AgentProtocol", "ArenaCore", "ArenaSystem", "Environments", "MatchEngine", "TestSupport",
      ],
      swiftSettings: strict
    ),
  ]
)
