// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// For modules whose mutable objects have one owner each, where checks of exclusive access while the program runs take a
/// twentieth of the time and more. The builds that are tested have them.
let withoutAccessChecks: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

/// A program in Plugins/ that is written with PluginKit.
func plugin(_ name: String, path: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name, dependencies: ["PluginKit", "PluginProtocol", "Document", "JSON"] + dependencies,
        path: "Plugins/\(path)", swiftSettings: strict)
}

/// The tests of a module.
func tests(_ module: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(module)Tests", dependencies: ["TestSupport"] + dependencies, swiftSettings: strict)
}

let package = Package(
    name: "millrace",
    products: [
        // For authors of plugins in Swift; docs/plugins.md.
        .library(name: "PluginKit", targets: ["PluginKit", "PluginProtocol", "Document", "JSON"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    ],
    targets: [
        .target(name: "Threads", swiftSettings: strict),
        .target(name: "CByteScan"),
        .target(name: "JSON", dependencies: ["CByteScan"], swiftSettings: strict),
        .target(name: "Document", dependencies: ["JSON"], swiftSettings: strict),
        .target(name: "PluginProtocol", dependencies: ["JSON", "Document"], swiftSettings: strict),
        .target(name: "CChecksum"),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "WriteAheadLog", dependencies: ["CChecksum", "CZstd", "Threads"], swiftSettings: strict),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CCheckedPages", dependencies: ["CChecksum", "CSQLite"]),
        .target(name: "SQLite", dependencies: ["CSQLite", "CCheckedPages"], swiftSettings: strict),
        .target(name: "CMappedRead"),
        .target(
            name: "Index", dependencies: ["CChecksum", "CMappedRead", "SQLite", "Document", "JSON"],
            swiftSettings: strict + withoutAccessChecks),
        .target(name: "LogRecords", dependencies: ["Document", "JSON", "PluginProtocol"], swiftSettings: strict),
        .target(
            name: "LogTools", dependencies: ["WriteAheadLog", "LogRecords", "Document", "JSON"], swiftSettings: strict),
        .target(name: "CTOML"),
        .target(name: "Configuration", dependencies: ["CTOML", "JSON", "PluginProtocol"], swiftSettings: strict),
        .target(name: "CSpawn"),
        .target(
            name: "Supervision",
            dependencies: [
                "PluginProtocol", "Document", "CSpawn", "Threads",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(name: "Scheduling", dependencies: ["Document"], swiftSettings: strict),
        .target(
            name: "Daemon",
            dependencies: [
                "CSpawn", "Configuration", "Scheduling", "Supervision", "Index", "SQLite", "WriteAheadLog",
                "LogRecords",
                "PluginProtocol",
                "Document", "JSON",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "millraced",
            dependencies: ["Daemon", "Document", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .target(
            name: "PluginKit", dependencies: ["PluginProtocol", "Document", "JSON", "Threads"], swiftSettings: strict),
        plugin("millrace-fetch-directory", path: "fetch-directory"),
        plugin("millrace-fetch-stdin", path: "fetch-stdin"),
        plugin("millrace-fetch-exec", path: "fetch-exec", ["CSpawn"]),
        plugin("millrace-deliver-jsonl", path: "deliver-jsonl"),
        plugin("millrace-deliver-sqlite", path: "deliver-sqlite", ["SQLite"]),
        .target(name: "CDigest", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "CUTF8Proc", linkerSettings: [.linkedLibrary("utf8proc")]),
        .target(name: "CCLD2", linkerSettings: [.linkedLibrary("cld2")]),
        .target(name: "CInflate", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "HTML", swiftSettings: strict),
        .target(name: "Charset", dependencies: ["CByteScan"], swiftSettings: strict),
        .target(name: "XML", swiftSettings: strict),
        .target(
            name: "Normalisation",
            dependencies: [
                "HTML", "Charset", "XML", "JSON", "Document", "CByteScan", "CDigest", "CUTF8Proc", "CCLD2", "CInflate",
                "CSpawn",
            ], resources: [.embedInCode("Documents/mail.py")], swiftSettings: strict + withoutAccessChecks),
        .executableTarget(
            name: "millrace-normalise", dependencies: ["CSpawn", "Normalisation", "PluginProtocol"],
            swiftSettings: strict),
        .target(
            name: "HTTPFetching",
            dependencies: [
                "PluginProtocol", "JSON", "Document", "CCurl", "CDigest", "Charset", "HTML", "XML", "CInflate",
                "Scheduling",
            ],
            swiftSettings: strict + withoutAccessChecks),
        .target(
            name: "WebSubListener",
            dependencies: [
                "HTTPFetching", "CDigest",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "millrace-fetch-http", dependencies: ["HTTPFetching", "WebSubListener"],
            path: "Plugins/fetch-http", swiftSettings: strict,
            // Stands in for the C library's allocator in the whole process, libcurl included: docs/http.md, "How fast it is".
            linkerSettings: [.linkedLibrary("mimalloc")]),
        .target(name: "ControlAPI", dependencies: ["JSON", "Document"], swiftSettings: strict),
        .target(
            name: "ControlClient",
            dependencies: [
                "ControlAPI", "CCurl", "CDigest", "CSpawn", "HTTPFetching", "PluginProtocol", "JSON", "Document",
                "Configuration",
                "Charset",
                "XML",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "millracectl",
            dependencies: [
                "ControlClient", "ControlAPI", "WriteAheadLog", "LogTools", "PluginProtocol", "Document", "JSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        .target(name: "CBareLog", path: "Benchmarks/CBareLog"),
        .target(name: "CBareFetch", path: "Benchmarks/CBareFetch", linkerSettings: [.linkedLibrary("curl")]),
        .executableTarget(
            name: "millrace-bench",
            dependencies: [
                "CBareFetch", "CBareLog", "CInflate", "CSpawn", "Charset", "ControlClient", "Document", "HTML", "Index",
                "JSON", "LogRecords", "Normalisation", "PluginProtocol", "WriteAheadLog",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Benchmarks/millrace-bench", swiftSettings: strict),
        // Driven by Soak/power_loss.py and its like; not installed.
        .executableTarget(
            name: "soak-log-writer", dependencies: ["WriteAheadLog"], path: "Soak/log-writer", swiftSettings: strict),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        tests("Threads", ["Threads"]),
        tests("JSON", ["JSON"]),
        tests("Document", ["Document", "JSON"]),
        tests("PluginProtocol", ["PluginProtocol", "Document", "JSON"]),
        tests("SQLite", ["SQLite"]),
        tests("Index", ["CSQLite", "Index", "SQLite", "Document", "JSON"]),
        tests("HTML", ["HTML", "JSON"]),
        tests("Charset", ["Charset"]),
        tests("XML", ["XML"]),
        // HTTPFetching, Charset, XML and WriteAheadLog for the fuzz targets, which are compiled into these tests.
        tests(
            "Normalisation",
            ["Normalisation", "HTTPFetching", "HTML", "Charset", "XML", "JSON", "Document", "WriteAheadLog"]),
        tests("Configuration", ["Configuration", "JSON", "PluginProtocol"]),
        tests("Scheduling", ["Scheduling", "Document"]),
        tests("Control", ["ControlAPI", "ControlClient", "Configuration", "PluginProtocol", "Document", "JSON"]),
        tests("FetchHTTP", ["HTTPFetching", "millrace-fetch-http", "PluginProtocol", "JSON", "Document"]),
        tests(
            "Integration",
            [
                "ControlClient", "CSpawn", "JSON", "millraced", "millrace-normalise", "millrace-fetch-http",
                "millrace-fetch-directory", "millrace-fetch-stdin", "millrace-fetch-exec", "millrace-deliver-jsonl",
                "millrace-deliver-sqlite",
            ]),
        tests(
            "Plugin",
            [
                "PluginProtocol", "JSON", "CSpawn", "millrace-fetch-directory", "millrace-fetch-stdin",
                "millrace-fetch-exec",
                "millrace-deliver-jsonl", "millrace-deliver-sqlite",
            ]),
        .testTarget(name: "SystemdTests", exclude: ["boot-test.sh", "inside.sh"], swiftSettings: strict),
        tests("LogTools", ["LogTools", "LogRecords", "WriteAheadLog", "Document", "JSON"]),
        .target(
            name: "LogSimulation", dependencies: ["WriteAheadLog", "TestSupport"], path: "Tests/LogSimulation",
            swiftSettings: strict),
        .executableTarget(
            name: "log-histories", dependencies: ["LogSimulation"], path: "Soak/log-histories", swiftSettings: strict),
        tests("WriteAheadLog", ["WriteAheadLog", "LogSimulation", "CChecksum"]),
    ],
    cxxLanguageStandard: .cxx17
)
