import Configuration
import HTTPFetching
import PluginProtocol

/// Makes a source file for an address, after looking at what it holds.
public struct SourceAddition {
    /// What the user has decided already.
    public struct Options: Sendable {
        /// The directory of source files.
        public var directory = "/etc/millrace/sources.d"
        /// The source's name; nil: after the address.
        public var name: String?
        /// How often it is fetched.
        public var interval = "auto"
        /// Whether addresses that are not public are meant.
        public var allowsPrivate = false
        /// Whether to say what would be written, and not to write it.
        public var isDry = false

        /// The defaults.
        public init() {}
    }

    /// What came of it.
    public struct Outcome: Sendable, Equatable {
        /// What the address holds, in words.
        public var found: String
        /// The source's name.
        public var name: String
        /// The file, and what stands in it.
        public var file: String
        /// TOML.
        public var text: String
        /// What else could be made a source.
        public var others: [String] = []
    }

    private let options: Options

    /// An addition that goes by `options`.
    public init(_ options: Options) { self.options = options }

    /// Looks at `url` and writes `DIRECTORY/NAME.toml`. Other files, and what stands in them, stay as they are.
    public func run(_ url: String) throws(CommandFailure) -> Outcome {
        guard let address = try? WebAddress(url) else {
            throw CommandFailure(
                .wrongUse, "'\(WebAddress.redacted(url))' is no address that can be fetched",
                remedy: "write it in full, such as https://example.org/")
        }
        var proposal = try propose(address)
        let known: [SourceFiles.Entry]
        do throws(Problem) { known = try SourceFiles.read(options.directory) } catch {
            throw CommandFailure(
                .refused, "\(error)", remedy: "mend it, or name another directory with --directory")
        }
        let wanted = SourceFile.comparable(proposal.url)
        if let same = known.first(where: { $0.urls.contains { SourceFile.comparable($0) == wanted } }) {
            throw CommandFailure(
                .refused, "the source '\(same.name)' fetches \(proposal.url) already",
                remedy: "edit that one")
        }
        var names = Dictionary(known.map { ($0.name, 2) }) { $1 }
        let name: String
        if let given = options.name {
            guard !given.isEmpty, given.utf8.count <= 64, given.utf8.first.map({ $0 != 0x2E && $0 != 0x2D }) == true,
                given.utf8.allSatisfy({
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "._-".utf8.contains($0)
                })
            else {
                throw CommandFailure(
                    .wrongUse, "'\(given)' is no name of a source",
                    remedy: "use a to z, 0 to 9, '.', '_' and '-', beginning with a letter or digit")
            }
            guard names[given] == nil else {
                throw CommandFailure(.refused, "there is a source '\(given)' already", remedy: "give another --name")
            }
            name = given
        } else {
            let host = address.host.hasPrefix("www.") ? String(address.host.dropFirst(4)) : address.host
            let base = SourceFile.slug("\(host) \(proposal.suffix)")
            name = SubscriptionImport.unused(base.isEmpty ? "source" : String(base.prefix(56)), &names)
        }
        proposal.settings.insert(("url", SourceFile.quoted(proposal.url)), at: 0)
        proposal.settings.insert(("plugin", SourceFile.quoted("http")), at: 0)
        proposal.settings.append(("every", SourceFile.quoted(options.interval)))
        if options.allowsPrivate { proposal.settings.append(("allow_private", "true")) }
        var text = "# \(SourceFile.comment(proposal.found)); edit as you like.\n[source.\"\(name)\"]\n"
        for (key, value) in proposal.settings { text += "\(key) = \(value)\n" }
        let file = "\(name).toml"
        if !options.isDry {
            try SourceFile.write(
                text, to: file, in: options.directory, replaces: false, remedy: "give another --name")
        }
        return Outcome(
            found: proposal.found, name: name, file: "\(options.directory)/\(file)", text: text, others: proposal.others
        )
    }

    // MARK: Looking

    private struct Proposal {
        var found: String
        var url: String
        /// Keys and values, in TOML.
        var settings: [(String, String)] = []
        /// What the name ends in.
        var suffix = ""
        var others: [String] = []
    }

    private func propose(_ address: WebAddress) throws(CommandFailure) -> Proposal {
        let fetcher = try AddressFetcher(allowsPrivate: options.allowsPrivate)
        let answer = try fetcher.fetch(address.text)
        switch answer.kind {
        case .page(let feeds):
            // The page's main feed is the first one.
            for feed in feeds {
                guard let other = try? fetcher.fetch(feed.url), case .feed = other.kind else { continue }
                var proposal = propose(other, at: feed.url)
                proposal.found = "a page with a feed: \(proposal.found)"
                proposal.others = feeds.filter { $0.url != feed.url }.map { feed in
                    feed.title.map { "\(feed.url) (\($0))" } ?? feed.url
                }
                return proposal
            }
            let isSite = address.requestTarget == "/"
            for place in isSite && feeds.isEmpty ? FeedDiscovery.usualPlaces(of: address) : [] {
                guard let other = try? fetcher.fetch(place.text), case .feed = other.kind else { continue }
                var proposal = propose(other, at: place.text)
                proposal.found = "a page that names no feed, but whose site has \(proposal.found)"
                return proposal
            }
            if isSite, let map = try? WebAddress("/sitemap.xml", relativeTo: address),
                let other = try? fetcher.fetch(map.text), case .sitemap = other.kind
            {
                var proposal = propose(other, at: map.text)
                proposal.found = "a site without feeds, but with \(proposal.found)"
                return proposal
            }
            return propose(answer, at: address.text)
        default: return propose(answer, at: address.text)
        }
    }

    private func propose(_ answer: AddressFetcher.Answer, at url: String) -> Proposal {
        switch answer.kind {
        case .feed(let entries, let hasTeasers):
            var proposal = Proposal(found: "a feed of \(entries) entr\(entries == 1 ? "y" : "ies")", url: url)
            proposal.settings = [("kind", "\"feed\"")]
            if hasTeasers {
                proposal.found += ", with teasers that are followed to their pages"
                proposal.settings.append(("follow", "\"entries\""))
            }
            return proposal
        case .sitemap(let entries):
            return Proposal(
                found: "a sitemap of \(entries) address\(entries == 1 ? "" : "es")", url: url,
                settings: [("kind", "\"sitemap\"")],
                suffix: "sitemap")
        case .page: return Proposal(found: "a page", url: url, settings: [("kind", "\"page\"")])
        case .other: return Proposal(found: answer.mediaType ?? "something of no known type", url: url)
        }
    }
}
