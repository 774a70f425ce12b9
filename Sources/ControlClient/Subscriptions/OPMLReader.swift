import Charset
import XML

/// A feed that an OPML file lists.
public struct Subscription: Sendable, Equatable {
    /// Its title; empty where there is none.
    public var title: String
    /// The titles of the outlines around it, the outermost first.
    public var folders: [String]
    /// The feed's address.
    public var url: String
    /// The address of the site, where it is named.
    public var site: String?

    /// A feed in an outline.
    public init(title: String, folders: [String] = [], url: String, site: String? = nil) {
        self.title = title
        self.folders = folders
        self.url = url
        self.site = site
    }
}

/// Reads OPML 1.0 and 2.0, well-formed or not.
enum OPMLReader {
    /// What an OPML file says.
    struct Content {
        var subscriptions: [Subscription] = []
        /// Outlines whose address is none that can be fetched.
        var refused: [String] = []
        /// Feeds over the limit.
        var dropped = 0
    }

    /// Feeds that are taken of one file.
    static let maximumFeeds = 20_000

    /// The feeds in `bytes`, or nil when there is no `opml` element.
    static func read(_ bytes: [UInt8]) -> Content? {
        let encoding = EncodingDetection.detect(bytes, transport: nil, kind: .xml).encoding
        var reader = XMLReader(Decoder.decode(bytes, as: encoding))
        var content = Content()
        var isOPML = false
        // The title of each open element; empty for what is no folder.
        var titles: [String] = []
        while true {
            switch reader.next() {
            case .finished: return isOPML ? content : nil
            case .text: continue
            case .end: titles.removeLast(min(titles.count, 1))
            case .start:
                var title = ""
                if reader.localName == "opml" {
                    isOPML = true
                } else if isOPML, reader.localName == "outline" {
                    title = line(reader.attribute("text")) ?? line(reader.attribute("title")) ?? ""
                    if let address = line(reader.attribute("xmlurl")) {
                        let folders = titles.filter { !$0.isEmpty }
                        add(address, title, folders, line(reader.attribute("htmlurl")), to: &content)
                    }
                }
                titles.append(title)
            }
        }
    }

    private static func add(
        _ address: String, _ title: String, _ folders: [String], _ site: String?, to content: inout Content
    ) {
        guard isWebAddress(address) else {
            content.refused.append("\(title.isEmpty ? "an outline" : title): \(address.prefix(200))")
            return
        }
        guard content.subscriptions.count < maximumFeeds else {
            content.dropped += 1
            return
        }
        content.subscriptions.append(
            Subscription(
                title: title, folders: folders, url: address, site: site.flatMap { isWebAddress($0) ? $0 : nil }))
    }

    /// `feed:` addresses of old readers are not taken: they say nothing of the scheme.
    private static func isWebAddress(_ text: String) -> Bool {
        let lower = text.prefix(8).lowercased()
        return (lower.hasPrefix("http://") || lower.hasPrefix("https://")) && text.utf8.count <= 2048
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    /// A value on one line, without control characters; nil when nothing is left.
    private static func line(_ text: String?) -> String? {
        guard let text else { return nil }
        let words = text.unicodeScalars.split { $0.value <= 0x20 || (0x7F...0xA0).contains($0.value) }
        let line = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
        return line.isEmpty ? nil : line
    }
}
