import Glibc
import JSON
import Testing

@testable import Configuration

/// What the documentation shows and the package installs must be right.
@Suite struct WrittenExamplesTests {
    private static let root = "\(#filePath)".split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    private static let plugins: Set<String> = ["http", "directory", "stdin", "exec", "jsonl", "sqlite"]
    private static let anything = Dictionary(
        uniqueKeysWithValues: (plugins.union(["gopher"])).map { ($0, JSONValue.object([:])) })

    private func text(_ path: String) throws -> String {
        let file = try #require(fopen("\(Self.root)/\(path)", "r"), "\(path) is not there")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func examplesOfTheReference() throws {
        var examples: [String] = []
        var current: String?
        for line in try text("docs/configuration.md").split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```toml" {
                current = ""
            } else if line == "```", let example = current {
                examples.append(example)
                current = nil
            } else {
                current?.append("\(line)\n")
            }
        }
        #expect(examples.count >= 5 && current == nil)
        for example in examples {
            let parsed = Loader.load(text: example, name: "example", knownPlugins: Self.plugins)
            let (configuration, problems) = parsed.resolved(schemas: Self.anything)
            #expect(problems.isEmpty, "\(problems)")
            #expect(configuration != Loader.load(text: "", name: "example", knownPlugins: []).configuration)
        }
    }

    /// Every key that the loader knows is in the reference.
    @Test func theReferenceIsComplete() throws {
        let reference = try text("docs/configuration.md")
        var keys = SourceConfiguration.commonKeys + SinkConfiguration.commonKeys
        for table in ["[daemon]", "[log]", "[websub]\ncallback = \"https://a/\"", "[plugin.x]\ncommand = [\"x\"]"] {
            // The loader lists what it knows when it is asked for something far from it.
            let found = Loader.load(text: "\(table)\nqqqqqqqqqqqqqqqq = 1\n", name: "x", knownPlugins: []).problems
            let remedy = try #require(found.first?.remedy)
            try #require(remedy.hasPrefix("known keys are "))
            keys += remedy.dropFirst("known keys are ".count).split(separator: ", ").map(String.init)
        }
        #expect(keys.count > 30)
        for key in keys { #expect(reference.contains("| `\(key)` |"), "\(key)") }
    }

    @Test func installedFiles() throws {
        let main = "\(Self.root)/packaging/etc/millrace.toml"
        let (configuration, problems) = Loader.load(file: main, knownPlugins: Self.plugins).resolved(
            schemas: Self.anything)
        #expect(problems.isEmpty, "\(problems)")
        #expect(!configuration.sinks.isEmpty && configuration.sources.contains { $0.name == "inbox" })
    }
}
