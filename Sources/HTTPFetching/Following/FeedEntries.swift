import Charset
import JSON
import XML

/// A feed cut into its entries, each of which is a feed with that one entry: what the feed says of itself, then the entry.
///
/// Only what following needs is read here; what an entry says is the normaliser's business.
struct FeedEntries {
    /// One entry.
    struct Entry: Sendable, Equatable {
        /// Its id, else its link.
        var identity: String
        /// The page that it leads to, as it is written.
        var link: String?
        /// The small feed, UTF-8.
        var feed: [UInt8]
        /// Of the entry alone; another one where the entry has changed.
        var mark: String
        /// Bytes of the entry alone.
        var length: Int
        /// `application/feed+json`, or any XML.
        var mediaType: String
    }

    /// Bytes of what stands before the first entry; where there is more of it, only the feed's first tag is kept.
    private static let longestHead = 16 << 10
    /// Entries of one feed.
    private static let mostEntries = 10_000

    /// In the feed's order.
    private(set) var entries: [Entry] = []

    /// Cuts a feed of any kind; nil where the bytes are none.
    init?(_ body: [UInt8], mediaType: String?, charset: String?) {
        switch body.first(where: { $0 > 0x20 && $0 < 0x80 && $0 != 0 }) {
        case UInt8(ascii: "<"):
            let detection = EncodingDetection.detect(body, transport: charset, kind: .xml)
            guard cut(Self.withoutDeclaration(Decoder.decode(body, as: detection.encoding))) else { return nil }
        case UInt8(ascii: "{"):
            guard cutJSON(body) else { return nil }
        default: return nil
        }
    }

    /// The declaration names the encoding that the bytes had.
    private static func withoutDeclaration(_ bytes: [UInt8]) -> [UInt8] {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "<")), bytes[start...].starts(with: "<?xml".utf8),
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ">"))
        else { return bytes }
        return Array(bytes[(end + 1)...])
    }

    /// Where a feed goes on (RFC 5005, section 3), as it is written.
    static func next(in body: [UInt8]) -> String? {
        guard body.first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "<") else {
            return (try? JSONValue.recover(body, maximumDepth: 64))?["next_url"]?.string
        }
        var reader = XMLReader(Array(body.prefix(longestHead)))
        while true {
            switch reader.next() {
            case .finished: return nil
            case .start where reader.localName == "link" && reader.depth <= 3:
                if reader.attribute("rel") == "next" { return reader.attribute("href") }
            default: continue
            }
        }
    }

    // MARK: XML

    private mutating func cut(_ bytes: [UInt8]) -> Bool {
        var reader = XMLReader(bytes)
        var head: ArraySlice<UInt8>?
        var rootEnd = 0
        while entries.count < Self.mostEntries {
            switch reader.next() {
            case .finished: return rootEnd > 0
            case .text, .end: continue
            case .start:
                if rootEnd == 0 {
                    guard ["rss", "rdf", "feed", "channel"].contains(reader.localName) else { return false }
                    rootEnd = reader.tokenizer.offset
                } else if reader.localName == "item" || reader.localName == "entry", Self.isOwn(reader) {
                    let start = max(rootEnd, reader.tokenizer.name.lowerBound - 1)
                    let before = head ?? (start <= Self.longestHead ? bytes[..<start] : bytes[..<rootEnd])
                    head = before
                    read(&reader, bytes, from: start, head: before)
                }
            }
        }
        return true
    }

    /// Whether an element is the feed's own and not one of an extension.
    private static func isOwn(_ reader: XMLReader) -> Bool {
        !reader.hasPrefix || reader.namespace.lowercased().contains("atom") || reader.namespace.contains("purl.org/rss")
    }

    private mutating func read(_ reader: inout XMLReader, _ bytes: [UInt8], from start: Int, head: ArraySlice<UInt8>) {
        let depth = reader.depth
        var fields = Fields(about: reader.attribute("about"), href: reader.attribute("href"))
        var text: [UInt8] = []
        reading: while true {
            switch reader.next() {
            case .finished: break reading
            case .text: if reader.depth == depth + 1, text.count < 8192 { reader.appendText(to: &text) }
            case .start:
                guard reader.depth == depth + 1 else { continue }
                text.removeAll(keepingCapacity: true)
                fields.begin(&reader)
            case .end:
                if reader.depth == depth { break reading }
                if reader.depth == depth + 1 { fields.end(reader, text) }
            }
        }
        let entry = bytes[start..<max(start, reader.tokenizer.offset)]
        append(fields.identity, fields.bestLink, head + entry, of: entry, mediaType: "application/xml")
    }

    private mutating func append(
        _ identity: String?, _ link: String?, _ feed: ArraySlice<UInt8>, of entry: ArraySlice<UInt8>, mediaType: String
    ) {
        let mark = ContentMark.of(entry)
        entries.append(
            Entry(
                identity: identity ?? link ?? mark, link: link, feed: Array(feed), mark: mark, length: entry.count,
                mediaType: mediaType))
    }

    /// What an entry is called and where it leads.
    private struct Fields {
        private var id: String?
        private var link: String?
        private var original: String?
        private var permalink: String?
        private var guidIsLink = false

        init(about: String?, href: String?) {
            id = about
            link = href
        }

        var identity: String? { id }
        var bestLink: String? { original ?? link ?? permalink }

        mutating func begin(_ reader: inout XMLReader) {
            switch reader.localName {
            case "guid": guidIsLink = reader.attribute("ispermalink")?.lowercased() != "false"
            case "link" where FeedEntries.isOwn(reader):
                guard link == nil, let href = reader.attribute("href") else { return }
                let relation = reader.attribute("rel")?.lowercased() ?? "alternate"
                let type = reader.attribute("type")?.lowercased() ?? ""
                if relation == "alternate", type.isEmpty || type.contains("html") { link = href }
            default: break
            }
        }

        mutating func end(_ reader: XMLReader, _ text: [UInt8]) {
            let value = HeaderText.trimmed(String(decoding: text, as: UTF8.self))
            guard !value.isEmpty else { return }
            switch reader.localName {
            case "guid":
                id = value
                if guidIsLink, value.hasPrefix("http") { permalink = value }
            case "id" where FeedEntries.isOwn(reader): id = value
            case "link" where FeedEntries.isOwn(reader): link = link ?? value
            case "origlink": original = value
            default: break
            }
        }
    }

    // MARK: JSON

    private mutating func cutJSON(_ body: [UInt8]) -> Bool {
        guard let tree = try? JSONValue.recover(body, maximumDepth: 64), case .object(var feed) = tree,
            feed["version"]?.string?.contains("jsonfeed.org") == true
        else { return false }
        let items = feed["items"]?.array ?? []
        for item in items.prefix(Self.mostEntries) {
            feed["items"] = [item]
            let link = item["url"]?.string ?? item["external_url"]?.string
            let id = item["id"]?.string ?? item["id"]?.integer.map { "\($0)" }
            append(
                id, link, JSONValue.object(feed).encoded[...], of: item.encoded[...],
                mediaType: "application/feed+json")
        }
        return true
    }
}
