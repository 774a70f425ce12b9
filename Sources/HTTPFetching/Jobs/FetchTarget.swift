import JSON
import PluginProtocol

/// Something to fetch. It never changes, and is handed on many times: a copy is a reference.
final class FetchTarget {
    /// Why it is fetched.
    enum Role: Equatable {
        /// The configuration names it.
        case configured
        /// It lists other addresses; so many indexes led to it.
        case sitemap(depth: Int)
        /// A sitemap lists it.
        case listed
        /// A feed's entry leads to it.
        case entry(FoundEntry)
        /// A page of a crawl links to it; so many links led here.
        case link(depth: Int)
        /// It continues a configured address, as the answer of that number.
        case next(number: Int)
        /// It continues the page of another target, with which it becomes one document.
        case continuation(GatheredPages)
        /// It is a feed of the configured page, or may be one.
        case feed(FeedSearch?)
        /// A hub is asked for something.
        case hub(HubRequest)
    }

    let address: WebAddress
    /// The configured address that led here: credentials are only for its origin.
    let configured: WebAddress
    let role: Role
    /// What was remembered of the address when the job began.
    let state: AddressState
    /// Where it is asked for first: where it has moved to, once that was seen often enough.
    let start: WebAddress
    /// The `lastmod` that the sitemap has for it; empty where it is listed without one.
    let listed: String?
    /// Runs that tried to fetch it and failed.
    let tries: Int

    init(
        address: WebAddress, configured: WebAddress, role: Role, state: AddressState, listed: String? = nil,
        tries: Int = 0
    ) {
        self.address = address
        self.configured = configured
        self.role = role
        self.state = state
        self.listed = listed
        self.tries = tries
        start = state.settledMove.flatMap { try? WebAddress($0) } ?? address
    }

    /// Whether it was found on the way, and is remembered until it is done.
    var isFound: Bool {
        switch role {
        case .configured, .sitemap, .continuation, .hub, .feed: false
        case .listed, .entry, .link, .next: true
        }
    }

    /// Whether it is asked for as the configuration says, method and body included.
    var isAsConfigured: Bool {
        switch role {
        case .configured, .next: true
        case .sitemap, .listed, .entry, .link, .continuation, .hub, .feed: false
        }
    }

    /// Whether it is what the source is about, and not something that this leads to.
    var isSource: Bool { if case .feed = role { true } else { isAsConfigured } }

    /// What is expected there.
    func kind(of settings: SharedSettings) -> HTTPSettings.Kind {
        switch role {
        case .configured, .next, .sitemap: settings.values.kind
        case .feed: .feed
        case .listed, .entry, .link, .continuation, .hub: .page
        }
    }

    /// What a hub is asked.
    var hubRequest: HubRequest? { if case .hub(let request) = role { request } else { nil } }

    /// The key of what the state remembers once it is done.
    var key: String {
        if case .entry(let entry) = role { return entry.key }
        return address.text
    }
}

/// The pages of a long article, as far as they have come.
final class GatheredPages: Equatable {
    /// The first page, with what is to be written when the last has come.
    var item: FetchedItem
    var body: [UInt8]
    /// Bytes of it that are counted as held.
    var held: Int
    var addresses: Set<String>

    init(_ item: FetchedItem, _ body: [UInt8], held: Int, at place: WebAddress) {
        self.item = item
        self.body = body
        self.held = held
        addresses = [place.text]
    }

    static func == (one: GatheredPages, other: GatheredPages) -> Bool { one === other }
}

/// A feed's entry whose page is to be fetched.
struct FoundEntry: Sendable, Equatable {
    /// Where it is remembered, by ``StateKey/entry(_:)``.
    var key: String
    var mark: String
    /// A feed with that entry alone.
    var feed: [UInt8]
    var mediaType: String
    /// The address of the feed.
    var feedAddress: String
}

/// How what was found stands in the source's state until it is done.
extension FetchTarget {
    /// The value under ``StateKey/found(_:)``.
    var foundJSON: JSONValue { foundJSON(tries: tries) }

    /// The value under ``StateKey/found(_:)`` after so many runs that tried to fetch it and failed.
    func foundJSON(tries: Int) -> JSONValue {
        var members: [String: JSONValue] = ["url": .string(address.text), "from": .string(configured.text)]
        members["lastmod"] = listed.map { .string($0) }
        if tries > 0 { members["tries"] = .integer(Int64(tries)) }
        if case .link(let depth) = role { members["depth"] = .integer(Int64(depth)) }
        if case .next(let number) = role { members["number"] = .integer(Int64(number)) }
        if case .entry(let entry) = role {
            members["mark"] = .string(entry.mark)
            members["feed"] = .string(String(decoding: entry.feed, as: UTF8.self))
            members["media_type"] = .string(entry.mediaType)
            members["feed_url"] = .string(entry.feedAddress)
        }
        return .object(members)
    }

    /// Reads what ``foundJSON`` wrote; nil where it is not understood, or belongs to an address that is not configured
    /// any more.
    convenience init?(found key: String, _ json: JSONValue, configured: [WebAddress], state: [String: JSONValue]) {
        guard key.hasPrefix(StateKey.foundPrefix), let from = json["from"]?.string,
            let configured = configured.first(where: { $0.text == from }),
            let address = json["url"]?.string.flatMap({ try? WebAddress($0) })
        else { return nil }
        let role: Role
        if let mark = json["mark"]?.string, let feed = json["feed"]?.string, let type = json["media_type"]?.string,
            let feedAddress = json["feed_url"]?.string
        {
            let entry = FoundEntry(
                key: String(key.dropFirst(StateKey.foundPrefix.count)), mark: mark, feed: Array(feed.utf8),
                mediaType: type, feedAddress: feedAddress)
            role = .entry(entry)
        } else if let depth = json["depth"]?.integer {
            role = .link(depth: Int(clamping: depth))
        } else if json["number"]?.integer != nil {
            // What an earlier run did not come to begins a new count.
            role = .next(number: 1)
        } else {
            role = .listed
        }
        self.init(
            address: address, configured: configured, role: role, state: AddressState(state[address.text]),
            listed: json["lastmod"]?.string, tries: Int(clamping: json["tries"]?.integer ?? 0))
    }
}
