// swift-tools-version: 6.2
import PackageDescription

// The fuzzers, a package of their own so that the main one has neither unsafe flags nor instrumented code. Its sources are
// links to the main package's. Built and run by `make fuzz`.

/// Instrumented for libFuzzer; `@testable` reaches what modules keep to themselves.
let instrumented: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])]

let package = Package(
    name: "millrace-fuzz",
    targets: [
        .target(name: "CDigest", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "CUTF8Proc", linkerSettings: [.linkedLibrary("utf8proc")]),
        .target(name: "CCLD2", linkerSettings: [.linkedLibrary("cld2")]),
        .target(name: "CInflate", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CSpawn"),
        .target(name: "CChecksum"),
        .systemLibrary(name: "CZstd"),
        .target(name: "Threads"),
        .target(name: "WriteAheadLog", dependencies: ["CChecksum", "CZstd", "Threads"], swiftSettings: instrumented),
        .target(name: "CLibFuzzer"),
        .target(name: "CByteScan"),
        .target(name: "JSON", dependencies: ["CByteScan"], swiftSettings: instrumented),
        .target(name: "Document", dependencies: ["JSON"], swiftSettings: instrumented),
        .target(name: "HTML", swiftSettings: instrumented),
        .target(name: "Charset", dependencies: ["CByteScan"], swiftSettings: instrumented),
        .target(name: "XML", swiftSettings: instrumented),
        .target(
            name: "Normalisation",
            dependencies: [
                "HTML", "Charset", "XML", "JSON", "Document", "CByteScan", "CDigest", "CUTF8Proc", "CCLD2", "CInflate",
                "CSpawn",
            ], resources: [.embedInCode("Documents/mail.py")], swiftSettings: instrumented),
        .target(
            name: "HTTPFetching", dependencies: ["XML"],
            exclude: ["Addresses", "Following", "Jobs", "Politeness", "Service", "Settings", "Transfers"],
            sources: ["Sitemaps/Sitemap.swift", "Headers/HeaderText.swift"], swiftSettings: instrumented),
        .executableTarget(
            name: "millrace-fuzz",
            dependencies: [
                "CLibFuzzer", "Normalisation", "HTTPFetching", "HTML", "Charset", "XML", "JSON", "WriteAheadLog",
            ],
            swiftSettings: instrumented, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ],
    cxxLanguageStandard: .cxx17
)
