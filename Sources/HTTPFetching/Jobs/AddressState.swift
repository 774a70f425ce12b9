import JSON
import PluginProtocol

/// What the source's state remembers of one address: what makes the next request a conditional one (RFC 9110,
/// section 13.1).
public struct AddressState: Sendable, Equatable {
    /// Bytes of a validator that are kept; a server that sends more gets unconditional requests.
    static let longestValidator = 1024

    /// The entity tag, quotation marks and `W/` included.
    public var entityTag: String?
    /// The server's own text, which is sent back as it is.
    public var lastModified: String?
    /// Where the validators came from, if a redirect led away from the configured address.
    public var effective: String?
    /// The `lastmod` of the sitemap's entry when it was fetched.
    public var listed: String?
    /// Where the address has moved for good (301, 308), and in how many runs in a row that was seen.
    public var move: Move?

    /// Links that led to the page in a crawl.
    public var depth: Int?
    /// Whether a page of a crawl was not there when it was last asked for.
    public var isDead = false

    /// What was archived of it the last time.
    var archived: ArchivedPayload?

    /// When the feed there says that it is worth coming again.
    public var hints = FeedHints()

    /// A redirect that is meant for good.
    public struct Move: Sendable, Equatable {
        /// Where it leads.
        public var target: String
        /// Runs in a row that saw it.
        public var sightings: Int
    }

    /// Runs in a row after which a move is believed.
    static let sightingsToSettle = 3

    /// Where the address has moved, once that is certain.
    var settledMove: String? { move.flatMap { $0.sightings >= Self.sightingsToSettle ? $0.target : nil } }

    /// Nothing known yet.
    public init() {}

    /// Reads what ``json`` wrote; what is not understood is forgotten.
    public init(_ json: JSONValue?) {
        var (target, sightings) = (nil as String?, nil as Int64?)
        var (digest, date) = (nil as String?, nil as String?)
        // There are few members: looking at each costs less than looking for all that there may be.
        for (name, value) in json?.object ?? [:] {
            switch name {
            case "etag": entityTag = value.string.flatMap(Self.usable)
            case "last_modified": lastModified = value.string.flatMap(Self.usable)
            case "url": effective = value.string
            case "lastmod": listed = value.string
            case "depth": depth = value.integer.flatMap(Int.init(exactly:))
            case "dead": isDead = value.bool ?? false
            case "hints": hints = FeedHints(value)
            case "archived": digest = value.string
            case "archived_at": date = value.string
            case "moved": target = value.string
            case "sightings": sightings = value.integer
            default: break
            }
        }
        if let digest, let date { archived = ArchivedPayload(digest: digest, date: date) }
        if let target, let sightings { move = Move(target: target, sightings: Int(clamping: sightings)) }
    }

    /// The validators of an answer from `effective`.
    init(headers: NamedTexts, effective: WebAddress, configured: WebAddress) {
        entityTag = headers["etag"].flatMap(Self.usable)
        lastModified = headers["last-modified"].flatMap(Self.usable)
        if effective.text != configured.text, entityTag != nil || lastModified != nil {
            self.effective = effective.text
        }
    }

    /// Notes where an answer came from.
    /// - Parameter isForGood: whether every redirect on the way said so.
    mutating func noteMove(to effective: WebAddress, from named: WebAddress, isForGood: Bool, before: Move?) {
        guard isForGood, effective.text != named.text else { return move = nil }
        let sightings = before?.target == effective.text ? before?.sightings ?? 0 : 0
        // Beyond the last step the state is not written again.
        move = Move(target: effective.text, sightings: min(sightings + 1, Self.sightingsToSettle))
    }

    private static func usable(_ value: String) -> String? {
        value.utf8.count <= longestValidator && HeaderText.isValue(value) && !value.isEmpty ? value : nil
    }

    /// The value for the source's state; nil where there is nothing to remember.
    public var json: JSONValue? {
        var members: [String: JSONValue] = [:]
        if let entityTag { members["etag"] = .string(entityTag) }
        if let lastModified { members["last_modified"] = .string(lastModified) }
        if let effective { members["url"] = .string(effective) }
        if let listed { members["lastmod"] = .string(listed) }
        if let depth { members["depth"] = .integer(Int64(depth)) }
        if let archived {
            members["archived"] = .string(archived.digest)
            members["archived_at"] = .string(archived.date)
        }
        if isDead { members["dead"] = true }
        if let hints = hints.json { members["hints"] = hints }
        if let move {
            members["moved"] = .string(move.target)
            members["sightings"] = .integer(Int64(move.sightings))
        }
        return members.isEmpty ? nil : .object(members)
    }

    /// The headers that make a request to `address` conditional: validators only mean something where they came from.
    func conditions(at address: WebAddress, configured: WebAddress) -> [HTTPSettings.Header] {
        guard address.text == effective ?? configured.text else { return [] }
        var headers: [HTTPSettings.Header] = []
        if let entityTag { headers.append(.init(name: "If-None-Match", value: entityTag)) }
        if let lastModified { headers.append(.init(name: "If-Modified-Since", value: lastModified)) }
        return headers
    }
}
