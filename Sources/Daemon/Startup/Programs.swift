import Configuration
import Glibc
import Supervision

/// Where the daemon's own programs are, and how they are started.
struct Programs: Sendable {
    /// The plugins that come with Millrace, and their programs.
    static let fetchers = [
        "http": "millrace-fetch-http", "directory": "millrace-fetch-directory", "stdin": "millrace-fetch-stdin",
        "exec": "millrace-fetch-exec",
    ]
    static let sinks = ["jsonl": "millrace-deliver-jsonl", "sqlite": "millrace-deliver-sqlite"]
    static let normaliser = "millrace-normalise"

    /// Names that sources and sinks may use without a `[plugin.NAME]`.
    static var builtIn: Set<String> { Set(fetchers.keys).union(sinks.keys) }

    let directories: [String]

    /// Looks beside this program and in `../libexec/millrace`, or where the configuration says.
    init(configured: String?) {
        let own = Self.ownDirectory
        directories = configured.map { [$0] } ?? [own, "\(own)/../libexec/millrace"]
    }

    private static var ownDirectory: String {
        guard let resolved = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// The path of one of our programs.
    func path(of program: String) -> String {
        directories.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 } ?? "\(directories[0])/\(program)"
    }

    /// How a plugin is started.
    func specification(plugin: String, as name: String, _ configuration: Configuration, input: Int32?)
        -> ProcessSpecification
    {
        var environment = Self.environment
        if let command = configuration.plugins[plugin] {
            environment.merge(command.environment) { $1 }
            var words = command.command
            // A program without a path is looked for as a shell would.
            if let first = words.first, !first.contains("/") { words[0] = Self.search(first) }
            return ProcessSpecification(
                name: name, command: words, environment: environment, memoryLimit: command.memory)
        }
        let program = Self.fetchers[plugin] ?? Self.sinks[plugin] ?? plugin
        return ProcessSpecification(
            name: name, command: [path(of: program)], environment: environment,
            extraDescriptor: plugin == "stdin" ? input : nil)
    }

    /// How a normaliser is started.
    func normaliser(_ number: Int, memory: Int64) -> ProcessSpecification {
        ProcessSpecification(
            name: "normalise-\(number)", command: [path(of: Self.normaliser)], environment: Self.environment,
            memoryLimit: memory)
    }

    /// What children inherit: nothing that may hold a secret.
    private static let environment: [String: String] = {
        var kept: [String: String] = [:]
        for name in ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
            if let value = getenv(name) { kept[name] = String(cString: value) }
        }
        return kept
    }()

    private static func search(_ program: String) -> String {
        let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 } ?? program
    }
}
