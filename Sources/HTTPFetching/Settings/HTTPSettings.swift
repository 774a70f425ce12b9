import JSON

/// The settings of one http source, checked.
struct HTTPSettings: Sendable {
    /// What a source is expected to be.
    enum Kind: String, Sendable, CaseIterable {
        case auto, page, feed, sitemap
    }

    /// What of an answer is followed.
    enum Follow: String, Sendable, CaseIterable {
        case nothing
        /// A feed's entries, to their pages.
        case entries
    }

    /// Which of the feeds of a page are the source.
    enum Discovery: String, Sendable, CaseIterable {
        case nothing
        /// Its main one.
        case feed
        /// All.
        case feeds
    }

    /// Who brings what is new, besides looking for it.
    enum Push: String, Sendable, CaseIterable {
        case none
        /// The hub that the address names.
        case websub
    }

    /// How user name and password are sent.
    enum Authentication: String, Sendable, CaseIterable {
        case basic, digest
    }

    /// Where raw answers are kept.
    struct ArchiveSettings: Sendable, Hashable {
        var directory: String
        /// Bytes of one file.
        var rotation: Int
    }

    /// How raw answers are kept.
    enum ArchiveFormat: String, Sendable, CaseIterable {
        case none, warc
    }

    /// One header of a request.
    struct Header: Sendable, Equatable {
        var name: String
        var value: String
    }

    var kind = Kind.auto
    var headers: [Header] = []
    var userAgent = "Millrace/0.1"
    var method = "GET"
    var body: [UInt8]?
    var authentication = Authentication.basic
    var username: String?
    var password: String?
    var bearerToken: String?
    var proxy: String?
    /// Whether names are looked up here for the proxy, and not by it.
    var looksUpForProxy = false
    var caFile: String?
    var clientCertificate: String?
    var clientKey: String?
    var clientKeyPassword: String?
    var insecure = false
    /// Whether cookies are kept from one run to the next.
    var keepsCookies = false
    /// Seconds for one address, redirects included.
    var requestTimeout = 120.0
    /// Seconds for name, connection and TLS of one hop.
    var connectTimeout = 15.0
    /// Bytes a second.
    var lowSpeedLimit = 64
    /// Seconds below `lowSpeedLimit` after which a transfer ends.
    var lowSpeedTime = 30.0
    /// Bytes of one body, both as sent and unpacked; nil: what the core takes.
    var maximumSize: Int?
    var maximumRedirects = 10
    var addressPolicy = AddressPolicy.publicOnly
    /// Transfers at a time to one host.
    var maximumConcurrency = 4
    /// Seconds from the start of one transfer to the start of the next one to the same host.
    var hostInterval = 0.25
    /// Whether robots.txt decides what may be fetched.
    var heedsRobots = true
    /// Addresses that one run takes from a sitemap or feed.
    var limit = 1000
    /// What of an answer is followed.
    var follow = Follow.nothing
    /// Where raw answers are kept.
    var archive: ArchiveSettings?
    /// How far links are followed.
    var crawl: CrawlSettings?
    /// How an answer leads to the next one.
    var paging: PagingSettings?
    /// Seconds from one run to the next by the source's schedule, where that is long.
    var interval = 0.0
    /// Seconds after which the core takes a job without a frame for one that hangs.
    var timeout = 300.0
    /// Which feeds of the page are looked for.
    var discovery = Discovery.nothing
    /// The media type of `body`.
    var bodyType = "application/json"
    /// Whether hubs are asked to bring what is new.
    var push = Push.websub
    /// Whether this is a request to a hub, which only a redirect that keeps it may send elsewhere.
    var isForHub = false
    /// Where the records stand in a JSON answer.
    var records: JSONPointer?

    /// Whether there is something to show to the origin of the configured address, and to nobody else.
    var hasCredentials: Bool {
        username != nil || bearerToken != nil || clientCertificate != nil || clientKey != nil
    }

    /// Whether a connection may go on with a TLS session of an earlier one. One that was not verified, or that stands for
    /// a client certificate, is good for nobody else.
    var resumesSessions: Bool { !insecure && clientCertificate == nil && clientKey == nil }

    /// Reads the settings of a `fetch` frame, its addresses aside.
    /// - Throws: a failure of the kind `configuration` that names the setting and the remedy.
    init(_ settings: JSONValue) throws(FetchFailure) {
        let reader = SettingsReader(settings)
        kind = try reader.choice("kind") ?? .auto
        try readRequest(reader)
        try readCredentials(reader)
        try readConnection(reader)
        try readLimits(reader)
        productToken = Self.productToken(of: userAgent)
    }

    /// The settings for a robots.txt: what reaches the host, and nothing that it is only to know from the source.
    var forRobots: HTTPSettings {
        var settings = self
        settings.headers = []
        settings.archive = nil
        settings.keepsCookies = false
        (settings.method, settings.body) = ("GET", nil)
        (settings.username, settings.password, settings.bearerToken) = (nil, nil, nil)
        settings.requestTimeout = min(requestTimeout, 30)
        // RFC 9309, section 2.3.1.2.
        settings.maximumRedirects = 5
        return settings
    }

    /// Whether hubs may bring what is new at these addresses.
    var takesPushes: Bool { push == .websub && crawl == nil && kind != .sitemap && method == "GET" && body == nil }

    /// The product token that robots.txt files call the fetcher by (RFC 9309, section 2.2.1).
    private(set) var productToken = ""

    private static func productToken(of userAgent: String) -> String {
        let token = userAgent.utf8.prefix { HeaderText.isTokenByte($0) }
        let letters = token.prefix { byte in
            switch byte | 0x20 {
            case 0x61...0x7A: true
            default: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
        }
        return letters.isEmpty ? "Millrace" : String(decoding: letters, as: UTF8.self)
    }

    /// What the settings of a `fetch` frame say is to be fetched.
    /// - Throws: as ``init(_:)``.
    static func addresses(in settings: JSONValue) throws(FetchFailure) -> [WebAddress] {
        if settings["urls"] == nil, let text = settings["url"]?.string, let address = try? WebAddress(text) {
            return [address]
        }
        let reader = SettingsReader(settings)
        var texts = try reader.strings("urls")
        if let single = try reader.string("url") { texts.insert(single, at: 0) }
        guard !texts.isEmpty else {
            throw reader.fault("the source names no address", remedy: "set `url` to the address to fetch")
        }
        var addresses: [WebAddress] = []
        var seen: Set<String> = []
        for text in texts {
            let address: WebAddress
            do { address = try WebAddress(text) } catch { throw reader.fault(error, in: text) }
            if texts.count == 1 || seen.insert(address.text).inserted { addresses.append(address) }
        }
        return addresses
    }

    private mutating func readRequest(_ reader: SettingsReader) throws(FetchFailure) {
        for (name, value) in try reader.stringMap("headers").sorted(by: { $0.key < $1.key }) {
            guard HeaderText.isToken(name), HeaderText.isValue(value) else {
                throw reader.fault(
                    "`headers` holds a name or value that can't be sent",
                    remedy: "write headers as name = \"value\" without line breaks")
            }
            headers.append(Header(name: name, value: value))
        }
        let contact = try reader.headerValue("contact")
        if let contact { userAgent += " (+\(contact))" }
        if let text = try reader.headerValue("user_agent") { userAgent = text }
        if let text = try reader.string("method") {
            method = text.uppercased()
            guard HeaderText.isToken(method), method != "CONNECT", method != "HEAD" else {
                throw reader.fault("`method` can't be '\(text.prefix(20))'", remedy: "use GET, POST or PUT")
            }
        }
        body = try reader.string("body").map { Array($0.utf8) }
        if body != nil, method == "GET" { method = "POST" }
    }

    private mutating func readCredentials(_ reader: SettingsReader) throws(FetchFailure) {
        authentication = try reader.choice("authentication") ?? .basic
        username = try reader.string("username")
        password = try reader.string("password")
        bearerToken = try reader.headerValue("bearer_token")
        if password != nil, username == nil {
            throw reader.fault("`password` is set without `username`", remedy: "set both or neither")
        }
        if username != nil, bearerToken != nil {
            throw reader.fault("`username` and `bearer_token` exclude each other", remedy: "remove one of them")
        }
    }

    private mutating func readConnection(_ reader: SettingsReader) throws(FetchFailure) {
        proxy = try reader.string("proxy")
        if let proxy {
            let schemes = ["http://", "https://", "socks5://", "socks5h://", "socks4://", "socks4a://"]
            guard schemes.contains(where: { proxy.lowercased().hasPrefix($0) }), HeaderText.isValue(proxy) else {
                throw reader.fault(
                    "`proxy` is no proxy's address", remedy: "write it as http://host:port or socks5h://host:port")
            }
        }
        looksUpForProxy = ["socks5://", "socks4://"].contains { proxy?.lowercased().hasPrefix($0) == true }
        caFile = try reader.path("ca_file")
        clientCertificate = try reader.path("client_certificate")
        clientKey = try reader.path("client_key")
        clientKeyPassword = try reader.string("client_key_password")
        insecure = try reader.bool("insecure") ?? false
        keepsCookies = try reader.bool("cookies") ?? false
        switch reader["allow_private"] {
        case nil, .null, .bool(false): break
        case .bool(true): addressPolicy = .everything
        case .array(let elements):
            var networks: [IPNetwork] = []
            for element in elements {
                guard let network = element.string.flatMap({ IPNetwork($0) }) else {
                    throw reader.fault(
                        "`allow_private` holds \(element), which is no network",
                        remedy: "write networks as \"10.0.0.0/8\" or \"fd00::/8\"")
                }
                networks.append(network)
            }
            addressPolicy = AddressPolicy(allowing: networks)
        default:
            throw reader.fault(
                "`allow_private` must be true, false or a list of networks",
                remedy: "write allow_private = [\"10.0.0.0/8\"]")
        }
    }

    private mutating func readFollowing(_ reader: SettingsReader) throws(FetchFailure) {
        follow = try reader.choice("follow") ?? follow
        push = try reader.choice("push") ?? push
        interval = try reader.number("every", 0...1e10) ?? interval
        timeout = try reader.number("timeout", 0...1e10) ?? timeout
        discovery = try reader.choice("discover") ?? discovery
        if discovery != .nothing, kind == .sitemap || reader["crawl"] != nil {
            throw reader.fault(
                "`discover` and \(kind == .sitemap ? "kind = \"sitemap\"" : "`crawl`") exclude each other",
                remedy: "leave one of them out")
        }
        if let table = try reader.table("crawl") {
            var crawl = CrawlSettings()
            crawl.include = try table.patterns("include")
            crawl.exclude = try table.patterns("exclude")
            crawl.depth = try table.integer("depth", 0...50) ?? crawl.depth
            self.crawl = crawl
            limit = try table.integer("limit", 1...20_000) ?? 100
        }
        if let table = try reader.table("paginate") {
            var paging = PagingSettings()
            if let text = try table.string("next"), text != "link" {
                guard let pointer = JSONPointer(text), !text.isEmpty else {
                    throw reader.fault(
                        "`paginate.next` is neither \"link\" nor a JSON pointer", remedy: "write it as \"/meta/next\"")
                }
                paging.next = .pointer(pointer)
            }
            paging.parameter = try table.string("parameter")
            paging.limit = try table.integer("limit", 1...1000) ?? paging.limit
            paging.merges = try table.bool("merge") ?? false
            self.paging = paging
        }
        let format: ArchiveFormat = try reader.choice("archive") ?? .none
        if format == .warc {
            guard let directory = try reader.path("archive_directory") else {
                throw reader.fault("`archive` is set without `archive_directory`", remedy: "set both")
            }
            let rotation = try reader.integer("archive_size", 1...(1 << 40)) ?? 1 << 30
            archive = ArchiveSettings(directory: directory, rotation: rotation)
        }
        if let text = try reader.string("records_at") {
            guard let pointer = JSONPointer(text) else {
                throw reader.fault("`records_at` is no JSON pointer", remedy: "write it as \"/data/items\"")
            }
            records = pointer
        }
    }

    private mutating func readLimits(_ reader: SettingsReader) throws(FetchFailure) {
        requestTimeout = try reader.number("request_timeout", 0.1...86_400) ?? requestTimeout
        connectTimeout = try reader.number("connect_timeout", 0.1...600) ?? connectTimeout
        lowSpeedLimit = try reader.integer("low_speed_limit", 0...1_000_000_000) ?? lowSpeedLimit
        lowSpeedTime = try reader.number("low_speed_time", 1...86_400) ?? lowSpeedTime
        maximumSize = try reader.integer("max_size", 1...(256 << 20))
        maximumRedirects = try reader.integer("max_redirects", 0...50) ?? maximumRedirects
        maximumConcurrency = try reader.integer("max_concurrency", 1...64) ?? maximumConcurrency
        // Whoever allows private addresses fetches from machines of their own.
        let usual = addressPolicy == .publicOnly ? hostInterval : 0
        hostInterval = try reader.number("host_interval", 0...300) ?? usual
        heedsRobots = try reader.bool("robots") ?? true
        limit = try reader.integer("limit", 1...50_000) ?? limit
        try readFollowing(reader)
    }
}
