import JSON
import XML

/// The hub that a feed or page names, and what it is called there (W3C WebSub, section 4).
struct HubLinks: Equatable {
    /// Bytes at the beginning of a feed that are looked at.
    private static let longestHead = 64 << 10

    /// Hubs, in their order, as they are written.
    var hubs: [String] = []
    /// `rel="self"`, as it is written.
    var topic: String?

    /// What the header `Link` says.
    init(header: String?) {
        for link in LinkHeader.links(header ?? "") {
            if link.relations.contains("hub") { hubs.append(link.target) }
            if link.relations.contains("self") { topic = topic ?? link.target }
        }
    }

    /// What an answer says: the header, else its content.
    init(_ answer: Answer) {
        self.init(header: answer.headers["link"])
        guard hubs.isEmpty || topic == nil else { return }
        let content = HubLinks(content: answer)
        if hubs.isEmpty { hubs = content.hubs }
        topic = topic ?? content.topic
    }

    private init(content answer: Answer) {
        if answer.isPage {
            (hubs, topic) = (answer.links.hubs, answer.links.own)
            return
        }
        switch answer.body.first(where: { $0 > 0x20 && $0 < 0x80 }) {
        case UInt8(ascii: "<"): readXML(answer.body)
        case UInt8(ascii: "{"):
            let feed = try? JSONValue.recover(answer.body, maximumDepth: 64)
            guard feed?["version"]?.string?.contains("jsonfeed.org") == true else { return }
            topic = feed?["feed_url"]?.string
            // JSON Feed 1.1: hubs are objects of a type and an address.
            hubs = (feed?["hubs"]?.array ?? []).prefix(16).filter { $0["type"]?.string?.lowercased() == "websub" }
                .compactMap { $0["url"]?.string }
        default: break
        }
    }

    private mutating func readXML(_ body: [UInt8]) {
        var reader = XMLReader(Array(body.prefix(Self.longestHead)))
        while hubs.count < 16 {
            switch reader.next() {
            case .finished: return
            case .start where reader.localName == "item" || reader.localName == "entry": return
            case .start where reader.localName == "link" && reader.depth <= 3:
                guard let relation = reader.attribute("rel")?.lowercased(), let target = reader.attribute("href") else {
                    continue
                }
                let relations = relation.split(separator: " ")
                if relations.contains("hub") { hubs.append(target) }
                if relations.contains("self") { topic = topic ?? target }
            default: continue
            }
        }
    }

    /// The hub that is asked and the topic; nil where none is named that can be fetched from.
    func choice(at place: WebAddress) -> (hub: WebAddress, topic: WebAddress)? {
        let usable = hubs.prefix(16).compactMap { try? WebAddress($0, relativeTo: place) }
        // The secret goes there.
        guard let hub = usable.first(where: { $0.scheme == "https" }) ?? usable.first else { return nil }
        return (hub, topic.flatMap { try? WebAddress($0, relativeTo: place) } ?? place)
    }
}
