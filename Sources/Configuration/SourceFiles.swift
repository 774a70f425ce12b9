/// The source files of a directory, as far as a program needs them that adds to them.
public enum SourceFiles {
    /// A table `[source.NAME]`.
    public struct Entry: Sendable, Equatable {
        /// The source's name.
        public var name: String
        /// What it fetches: `url` and `urls`; those that name variables as they are written.
        public var urls: [String]
    }

    /// All sources in the files of `directory` but the one named `except`, whether or not the rest of them is right.
    ///
    /// - Throws: when the directory or a file can't be read, or a file is no TOML.
    public static func read(_ directory: String, except: String? = nil) throws(Problem) -> [Entry] {
        var entries: [Entry] = []
        for name in try ConfigurationFile.names(in: directory) where name != except {
            let file = "\(directory)/\(name)"
            let root = try TOMLNode.parse(try ConfigurationFile.read(file, limit: ConfigurationFile.limit), file: file)
            for member in members(root) where member.key == "source" {
                for source in members(member.node) {
                    let urls = members(source.node).filter { $0.key == "url" || $0.key == "urls" }
                    entries.append(Entry(name: source.key, urls: urls.flatMap { strings($0.node) }))
                }
            }
        }
        return entries
    }

    private static func members(_ node: TOMLNode) -> [TOMLNode.Member] {
        if case .table(let members) = node.value { members } else { [] }
    }

    private static func strings(_ node: TOMLNode) -> [String] {
        switch node.value {
        case .string(let text): [withoutDoubledSigns(text)]
        case .array(let nodes):
            nodes.flatMap { if case .string(let text) = $0.value { [withoutDoubledSigns(text)] } else { [String]() } }
        default: []
        }
    }

    private static func withoutDoubledSigns(_ text: String) -> String {
        (try? Interpolation.expand(text) { _ in nil }.text) ?? text
    }
}
