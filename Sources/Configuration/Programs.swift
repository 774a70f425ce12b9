import Glibc

/// The programs that come with Millrace, where they are, and what stands behind the name of a plugin.
public struct Programs: Sendable {
    /// The programs of plugins that bring content in, by the plugin's name.
    public static let fetchers = [
        "http": "millrace-fetch-http", "directory": "millrace-fetch-directory", "stdin": "millrace-fetch-stdin",
        "exec": "millrace-fetch-exec",
    ]
    /// The programs of plugins that take documents out, by the plugin's name.
    public static let sinks = ["jsonl": "millrace-deliver-jsonl", "sqlite": "millrace-deliver-sqlite"]
    /// The program that makes documents.
    public static let normaliser = "millrace-normalise"

    /// Names that sources and sinks may use without a `[plugin.NAME]`.
    public static var builtIn: Set<String> { Set(fetchers.keys).union(sinks.keys) }

    /// Where to look, the first place first.
    public let directories: [String]

    /// Looks beside this program and in `../libexec/millrace`, or where the configuration says.
    public init(configured: String? = nil) {
        let own = Self.ownDirectory
        directories = configured.map { [$0] } ?? [own, "\(own)/../libexec/millrace"]
    }

    private static var ownDirectory: String {
        guard let resolved = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// The path of one of our programs; nil where it can't be found.
    public func find(_ program: String) -> String? {
        directories.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    /// The path of one of our programs, or where it ought to be.
    public func path(of program: String) -> String { find(program) ?? "\(directories[0])/\(program)" }

    /// The program of a plugin, and its arguments.
    public func command(ofPlugin plugin: String, _ configuration: Configuration) -> [String] {
        guard var words = configuration.plugins[plugin]?.command else {
            let program = path(of: Self.fetchers[plugin] ?? Self.sinks[plugin] ?? plugin)
            return [program] + (plugin == "http" ? configuration.webSub?.arguments ?? [] : [])
        }
        // A program without a path is looked for as a shell would.
        if let first = words.first, !first.contains("/") { words[0] = Self.search(first) }
        return words
    }

    /// The whole environment of a plugin: nothing that may hold a secret, and what `[plugin.NAME]` gives it.
    public static func environment(ofPlugin plugin: String, _ configuration: Configuration) -> [String: String] {
        inherited.merging(configuration.plugins[plugin]?.environment ?? [:]) { $1 }
    }

    /// What children inherit: nothing that may hold a secret.
    public static let inherited: [String: String] = {
        var kept: [String: String] = [:]
        for name in ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
            if let value = getenv(name) { kept[name] = String(cString: value) }
        }
        return kept
    }()

    private static func search(_ program: String) -> String {
        let path = inherited["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 } ?? program
    }
}
