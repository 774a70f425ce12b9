import Configuration
import Glibc

/// Turns the feeds of an OPML file into a source file.
public struct SubscriptionImport {
    /// What came of it.
    public struct Outcome: Sendable, Equatable {
        /// The file that holds the new sources.
        public var file: String
        /// Names of the new sources.
        public var names: [String] = []
        /// Feeds that a source has already, or that the file lists twice.
        public var known = 0
        /// What was left out, and why.
        public var refused: [String] = []
    }

    /// The directory of source files.
    public var directory: String
    /// How often the feeds are fetched.
    public var interval: String
    /// Whether a file of the same name is replaced.
    public var replaces: Bool

    private static let largestFile = 64 << 20

    /// An import into `directory`.
    public init(directory: String, interval: String, replaces: Bool) {
        self.directory = directory
        self.interval = interval
        self.replaces = replaces
    }

    /// Reads `path` and writes `DIRECTORY/NAME.toml`, named after it; nothing is written when every feed is known.
    public func run(_ path: String) throws(CommandFailure) -> Outcome {
        let descriptor = try InputFile.open(path)
        defer { close(descriptor) }
        let bytes = try InputFile.readAll(descriptor, name: path, limit: Self.largestFile)
        guard let content = OPMLReader.read(bytes) else {
            throw CommandFailure(.refused, "\(path) is no OPML", remedy: "export the feeds as OPML in your reader")
        }
        let stem = path.split(separator: "/").last.map { $0.prefix { $0 != "." } } ?? ""
        let base = SourceFile.slug(String(stem))
        let name = base.isEmpty ? "imported" : base
        var outcome = Outcome(file: "\(directory)/\(name).toml", refused: content.refused)
        if content.dropped > 0 { outcome.refused.append("\(content.dropped) feeds over the limit") }
        let text = try sources(content.subscriptions, from: path, replacing: replaces ? "\(name).toml" : nil, &outcome)
        if !outcome.names.isEmpty {
            try SourceFile.write(
                text, to: "\(name).toml", in: directory, replaces: replaces,
                remedy: "name the OPML file otherwise, or replace it with --replace")
        }
        return outcome
    }

    private func sources(
        _ subscriptions: [Subscription], from path: String, replacing file: String?, _ outcome: inout Outcome
    ) throws(CommandFailure) -> String {
        // By name, the number that its next namesake gets.
        var names: [String: Int] = [:]
        var urls: Set<String> = []
        do throws(Problem) {
            for entry in try SourceFiles.read(directory, except: file) {
                names[entry.name] = 2
                urls.formUnion(entry.urls.map(SourceFile.comparable))
            }
        } catch {
            throw CommandFailure(
                .refused, "\(error)", remedy: "mend it, or name another directory with --directory")
        }
        var text = "# Imported from \(SourceFile.comment(path)); edit as you like.\n"
        for feed in subscriptions {
            guard urls.insert(SourceFile.comparable(feed.url)).inserted else {
                outcome.known += 1
                continue
            }
            let name = Self.unused(Self.name(of: feed), &names)
            outcome.names.append(name)
            let title = (feed.folders + [feed.title]).filter { !$0.isEmpty }.joined(separator: " / ")
            text += "\n# \(SourceFile.comment(title.isEmpty ? feed.url : title))\n"
            // A name may hold dots, which would part it in a bare key.
            text += "[source.\"\(name)\"]\nplugin = \"http\"\nkind = \"feed\"\nurl = \(SourceFile.quoted(feed.url))\n"
            text += "every = \(SourceFile.quoted(interval))\n"
        }
        return text
    }

    // MARK: - Names

    /// Folders and title; the host's name where the title has no letters of ASCII.
    static func name(of feed: Subscription) -> String {
        let host = feed.url.split(separator: "/").dropFirst().first.map(String.init) ?? "feed"
        let title = SourceFile.slug(feed.title)
        let parts = feed.folders.map(SourceFile.slug) + [title.isEmpty ? SourceFile.slug(host) : title]
        let name = parts.filter { !$0.isEmpty }.joined(separator: "-")
        return name.isEmpty ? "feed" : SourceFile.slug(String(name.prefix(56)))
    }

    static func unused(_ name: String, _ names: inout [String: Int]) -> String {
        var candidate = name
        while let number = names[candidate] {
            names[candidate] = number + 1
            candidate = "\(name)-\(number)"
        }
        names[candidate] = 2
        return candidate
    }
}
