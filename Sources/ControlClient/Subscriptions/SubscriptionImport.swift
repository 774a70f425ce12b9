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
        let base = Self.slug(String(stem))
        let name = base.isEmpty ? "imported" : base
        var outcome = Outcome(file: "\(directory)/\(name).toml", refused: content.refused)
        if content.dropped > 0 { outcome.refused.append("\(content.dropped) feeds over the limit") }
        let text = try sources(content.subscriptions, from: path, replacing: replaces ? "\(name).toml" : nil, &outcome)
        if !outcome.names.isEmpty { try write(text, to: outcome.file) }
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
                urls.formUnion(entry.urls.map(Self.comparable))
            }
        } catch {
            throw CommandFailure(
                .refused, "\(error)", remedy: "mend it, or name another directory with --directory")
        }
        var text = "# Imported from \(Self.comment(path)); edit as you like.\n"
        for feed in subscriptions {
            guard urls.insert(Self.comparable(feed.url)).inserted else {
                outcome.known += 1
                continue
            }
            let name = Self.unused(Self.name(of: feed), &names)
            outcome.names.append(name)
            let title = (feed.folders + [feed.title]).filter { !$0.isEmpty }.joined(separator: " / ")
            text += "\n# \(Self.comment(title.isEmpty ? feed.url : title))\n"
            // A name may hold dots, which would part it in a bare key.
            text += "[source.\"\(name)\"]\nplugin = \"http\"\nkind = \"feed\"\nurl = \(Self.quoted(feed.url))\n"
            text += "every = \(Self.quoted(interval))\n"
        }
        return text
    }

    // MARK: - Names

    /// Letters and digits of ASCII, other runs as one hyphen.
    static func slug(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.lowercased().utf8 {
            if (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) {
                result.append(byte)
            } else if byte != UInt8(ascii: "'"), let last = result.last, last != UInt8(ascii: "-") {
                result.append(UInt8(ascii: "-"))
            }
        }
        while result.last == UInt8(ascii: "-") { result.removeLast() }
        return String(decoding: result, as: UTF8.self)
    }

    /// Folders and title; the host's name where the title has no letters of ASCII.
    static func name(of feed: Subscription) -> String {
        let host = feed.url.split(separator: "/").dropFirst().first.map(String.init) ?? "feed"
        let title = slug(feed.title)
        let parts = feed.folders.map(slug) + [title.isEmpty ? slug(host) : title]
        let name = parts.filter { !$0.isEmpty }.joined(separator: "-")
        return name.isEmpty ? "feed" : slug(String(name.prefix(56)))
    }

    private static func unused(_ name: String, _ names: inout [String: Int]) -> String {
        var candidate = name
        while let number = names[candidate] {
            names[candidate] = number + 1
            candidate = "\(name)-\(number)"
        }
        names[candidate] = 2
        return candidate
    }

    /// Addresses that differ in the case of scheme and host or in a slash at their end mean the same feed.
    private static func comparable(_ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        var text = parts.prefix(3).joined(separator: "/").lowercased()
        if parts.count > 3 { text += "/" + parts[3] }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    // MARK: - TOML

    private static func comment(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        return String(String(String.UnicodeScalarView(kept)).prefix(200))
    }

    /// A basic string (TOML 1.0).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                result += "\\\(scalar)"
            } else if scalar.value < 0x20 || scalar.value == 0x7F {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    // MARK: - Writing

    /// Writes the file whole or not at all, and over another one only when that is wanted.
    private func write(_ text: String, to file: String) throws(CommandFailure) {
        // A name that the daemon passes over: it begins with a dot.
        let draft = "\(directory)/.import-\(getpid()).draft"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw InputFile.failure(draft, errno) }
        defer { unlink(draft) }
        var rest = Array(text.utf8)[...]
        var failure: Int32 = 0
        while !rest.isEmpty, failure == 0 {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        guard failure == 0 else { throw InputFile.failure(draft, failure) }
        // A link is never made over an existing name; a rename is.
        guard (replaces ? rename(draft, file) : link(draft, file)) == 0 else {
            let number = errno
            if number == EEXIST {
                throw CommandFailure(
                    .refused, "\(file) exists", remedy: "name the OPML file otherwise, or replace it with --replace")
            }
            throw InputFile.failure(file, number)
        }
    }
}
