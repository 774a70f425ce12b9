import Configuration
import Glibc
import JSON
import Testing

/// A directory for one test, removed with the value.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/millrace-configuration-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, let made = mkdtemp(start) else { return nil }
            return String(cString: made)
        }
        path = try #require(made)
    }

    func write(_ name: String, _ text: String) throws -> String { try write(name, bytes: Array(text.utf8)) }

    func write(_ name: String, bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        if let slash = name.lastIndex(of: "/") { mkdir("\(path)/\(name[..<slash])", 0o700) }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        return file
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(stream)
        }
        _ = Glibc.remove(path)
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
