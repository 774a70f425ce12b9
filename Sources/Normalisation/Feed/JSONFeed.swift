import Document
import JSON

/// Reads JSON Feed 1.0 and 1.1.
enum JSONFeed {
    /// The feed in `bytes`; its entries are handed to `take`.
    static func parse(
        _ bytes: [UInt8], base: String?, _ take: (borrowing FeedEntry, borrowing Feed.Shared) -> Void
    ) throws(JSONError) -> Feed {
        let tree = try JSONValue.recover(bytes, maximumDepth: 64)
        var feed = Feed()
        feed.format = "json"
        feed.shared.info.title = text(tree["title"])
        feed.shared.info.url = url(tree["home_page_url"], base)
        feed.shared.info.sourceID = text(tree["feed_url"])
        feed.shared.info.summary = text(tree["description"])
        feed.shared.language = text(tree["language"])
        feed.shared.authors = authors(tree)
        feed.shared.info.author = feed.shared.authors.first
        let items = tree["items"]?.array ?? []
        for item in items.prefix(FeedParser.maximumEntries) where item.object != nil {
            feed.entries += 1
            take(entry(item, base), feed.shared)
        }
        feed.dropped = max(0, items.count - FeedParser.maximumEntries)
        return feed
    }

    private static func entry(_ item: JSONValue, _ base: String?) -> FeedEntry {
        var entry = FeedEntry()
        entry.base = url(item["url"], base) ?? base
        entry.id = text(item["id"])
        entry.link = url(item["url"], base)
        entry.permalink = url(item["external_url"], base)
        entry.title = text(item["title"]).map { FeedText($0, .plain) }
        entry.summary = text(item["summary"]).map { FeedText($0, .plain) }
        if let html = item["content_html"]?.string, text(item["content_html"]) != nil {
            entry.content = FeedText(html, .html, base: entry.base)
        } else if let plain = item["content_text"]?.string ?? text(item["content_text"]) {
            entry.content = FeedText(plain, .plain)
        }
        entry.authors = authors(item)
        entry.published = text(item["date_published"]).flatMap { DateParser.parse($0) }
        entry.modified = text(item["date_modified"]).flatMap { DateParser.parse($0) }
        entry.language = text(item["language"])
        for tag in tags(item).prefix(100) where !entry.tags.contains(tag) { entry.tags.append(tag) }
        for name in ["image", "banner_image"] {
            if let url = url(item[name], base) { entry.images.append(Document.Image(url: url)) }
        }
        for file in list(item["attachments"]).prefix(100) {
            guard let url = url(file["url"], base) else { continue }
            let length = file["size_in_bytes"]?.integer ?? text(file["size_in_bytes"]).flatMap { Int64($0) }
            entry.enclosures.append(Document.Enclosure(url: url, type: text(file["mime_type"]), length: length))
        }
        return entry
    }

    /// Text on one line; ids were numbers in early feeds, and titles are where they look like one.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        default: TextBytes.line(value?.string)
        }
    }

    /// The values of a list; of one value that is none, that value.
    private static func list(_ value: JSONValue?) -> [JSONValue] {
        if let list = value?.array { return list }
        guard let value, value != .null else { return [] }
        return [value]
    }

    private static func tags(_ item: JSONValue) -> [String] {
        if let written = item["tags"]?.string {
            return written.split(separator: ",").compactMap { TextBytes.line($0.utf8) }
        }
        return list(item["tags"]).compactMap(text)
    }

    private static func url(_ value: JSONValue?, _ base: String?) -> String? {
        text(value).flatMap { CanonicalURL.resolve($0, against: base) }
    }

    private static func authors(_ value: JSONValue) -> [String] {
        var people = list(value["authors"])
        if people.isEmpty { people = list(value["author"]) }
        return people.prefix(50).compactMap { text($0["name"]) ?? text($0) }
    }
}
