import Configuration
import Glibc
import JSON
import TestSupport
import Testing

extension TemporaryDirectory {
    /// Writes a file, in a directory of its own where its name says so.
    func write(_ name: String, _ text: String) throws -> String { try write(name, bytes: Array(text.utf8)) }

    func write(_ name: String, bytes: [UInt8]) throws -> String {
        if let slash = name.lastIndex(of: "/") { mkdir(file(String(name[..<slash])), 0o700) }
        let file = file(name)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        return file
    }
}

/// Reads a text as the main file `m.toml`.
func parse(_ text: String, plugins: Set<String> = ["http", "jsonl"]) -> ParsedConfiguration {
    Loader.load(text: text, name: "m.toml", knownPlugins: plugins)
}

/// The problems of a text, printed.
func problems(_ text: String) -> [String] { parse(text).problems.map(\.description) }

/// Problems and sources of a text whose plugins all have the same schema.
func resolve(_ text: String, _ schema: JSONValue) -> (configuration: Configuration, problems: [String]) {
    let (configuration, problems) = parse(text).resolved(schemas: ["http": schema, "jsonl": schema])
    return (configuration, problems.map(\.description))
}
