// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of ours: Swift 6 mode, warnings are errors, and the upcoming features that keep imports and
/// existentials explicit. `Scripts/check-features.sh` proves that each flag is one the compiler knows.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Carries pkg-config's flags of one of FFmpeg's libraries where it is installed, and nothing where it is not.
func ffmpegLibrary(_ name: String, _ library: String) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/CFFmpegLibraries/\(library)",
        pkgConfig: "lib\(library)",
        providers: [.apt(["libavfilter-dev"]), .brew(["ffmpeg"])]
    )
}

let package = Package(
    name: "swift-taskcore",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "TaskCore", targets: ["TaskCore"]),
        .library(name: "TaskTesting", targets: ["TaskTesting"]),
        .library(name: "TaskStoreSQLite", targets: ["TaskStoreSQLite"]),
        .library(name: "TaskStorePostgres", targets: ["TaskStorePostgres"]),
        .library(name: "ObjectStorage", targets: ["ObjectStorage"]),
        .library(name: "MediaPipeline", targets: ["MediaPipeline", "MediaEngine"]),
        .executable(name: "bench", targets: ["Bench"]),
        .executable(name: "media-engine-child", targets: ["MediaEngineChild"]),
        .executable(name: "media-tool", targets: ["MediaTool"]),
        .executable(name: "quickstart", targets: ["Quickstart"]),
        .executable(name: "tasks-bench", targets: ["TasksBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // The core: no SQL, no C, no HTTP.
        .target(
            name: "TaskCore",
            dependencies: [
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),
        .target(name: "TaskTesting", dependencies: ["TaskCore"], swiftSettings: strict),
        .target(
            name: "TaskStoreSQLite",
            dependencies: [
                "TaskCore",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: strict
        ),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(
            name: "TaskStorePostgres",
            dependencies: [
                "TaskCore", "CLibPQ",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            resources: [.embedInCode("SQL")],
            swiftSettings: strict
        ),

        // Media: the engine knows no task, the pipeline's task types stand on it.
        .target(
            name: "ObjectStorage",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // Carries pkg-config's flags where libvips is installed, and nothing where it is not: see Docs/decisions/optional-media-libraries.md.
        .systemLibrary(name: "CLibVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"]), .brew(["vips"])]),
        .target(name: "CVips", dependencies: ["CLibVips"]),
        .target(name: "CSandbox"),
        // One for each library, because a system library target has one pkg-config name.
        ffmpegLibrary("CLibAVFormat", "avformat"),
        ffmpegLibrary("CLibAVCodec", "avcodec"),
        ffmpegLibrary("CLibAVUtil", "avutil"),
        ffmpegLibrary("CLibSWScale", "swscale"),
        .target(name: "CFFmpeg", dependencies: ["CLibAVFormat", "CLibAVCodec", "CLibAVUtil", "CLibSWScale"]),
        .target(
            name: "MediaEngine",
            dependencies: ["CSandbox", "CVips", "CFFmpeg", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: strict
        ),
        .target(
            name: "MediaPipeline",
            dependencies: ["TaskCore", "ObjectStorage", "MediaEngine"],
            swiftSettings: strict
        ),
        .executableTarget(name: "MediaEngineChild", dependencies: ["MediaEngine"], swiftSettings: strict),

        // Composition roots.
        .executableTarget(
            name: "Quickstart",
            dependencies: ["TaskCore", "TaskStorePostgres", "TaskStoreSQLite"],
            path: "Sources/Examples/Quickstart",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "MediaTool",
            dependencies: [
                "TaskCore", "TaskStorePostgres", "TaskStoreSQLite", "MediaPipeline", "MediaEngine", "ObjectStorage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Examples/MediaTool",
            swiftSettings: strict
        ),

        .executableTarget(
            name: "Bench",
            dependencies: [
                "TaskCore", "TaskStoreSQLite", "MediaEngine",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Bench",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "TasksBench",
            dependencies: [
                "TaskCore", "TaskStoreSQLite", "TaskStorePostgres", "CLibPQ",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/TasksBench",
            swiftSettings: strict
        ),

        // What tests of several modules need.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "PostgresTestSupport",
            dependencies: ["TestSupport"],
            path: "Tests/PostgresTestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PostgresTestSupportTests",
            dependencies: ["PostgresTestSupport", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TaskCoreTests",
            dependencies: [
                "TaskCore", "TaskTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "TaskTestingTests", dependencies: ["TaskTesting"], swiftSettings: strict),
        .executableTarget(
            name: "SQLiteTestProcess",
            dependencies: ["TaskCore", "TaskStoreSQLite"],
            path: "Tests/SQLiteTestProcess",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TaskStoreSQLiteTests",
            dependencies: [
                "TaskStoreSQLite", "TaskTesting", "TestSupport", "SQLiteTestProcess",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "PostgresTestProcess",
            dependencies: [
                "TaskCore", "TaskStorePostgres",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/PostgresTestProcess",
            swiftSettings: strict
        ),
        .testTarget(
            name: "TaskStorePostgresTests",
            dependencies: [
                "TaskStorePostgres", "TaskTesting", "CLibPQ", "PostgresTestSupport", "PostgresTestProcess",
                "TestSupport",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "ObjectStorageTests", dependencies: ["ObjectStorage"], swiftSettings: strict),
        .executableTarget(
            name: "SandboxProbe",
            dependencies: ["CSandbox", "MediaEngine"],
            path: "Tests/SandboxProbe",
            swiftSettings: strict
        ),
        .testTarget(
            name: "MediaEngineTests",
            dependencies: [
                "MediaEngine", "MediaEngineChild", "SandboxProbe", "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "MediaEngineVideoTests", dependencies: ["MediaEngine"], swiftSettings: strict),
        .testTarget(
            name: "MediaPipelineTests",
            dependencies: [
                "MediaPipeline", "MediaEngine", "MediaEngineChild", "ObjectStorage", "TaskCore", "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MediaToolTests",
            dependencies: ["MediaTool", "MediaEngineChild", "PostgresTestSupport", "TestSupport"],
            swiftSettings: strict
        ),
        // Compiles the documentation's snippets; depends on every public module so that they are all built.
        .testTarget(
            name: "SnippetTests",
            dependencies: [
                "TaskCore", "TaskTesting", "TaskStorePostgres", "TaskStoreSQLite", "ObjectStorage", "MediaPipeline",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict
        ),
    ]
)
