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
        for item in (tree["items"]?.array ?? []).prefix(FeedParser.maximumEntries) {
            feed.entries += 1
            take(entry(item, base), feed.shared)
        }
        feed.dropped = max(0, (tree["items"]?.array?.count ?? 0) - FeedParser.maximumEntries)
        return feed
    }

    private static func entry(_ item: JSONValue, _ base: String?) -> FeedEntry {
        var entry = FeedEntry()
        entry.base = url(item["url"], base) ?? base
        // Ids were numbers in early feeds.
        entry.id = text(item["id"]) ?? item["id"]?.integer.map { "\($0)" }
        entry.link = url(item["url"], base)
        entry.permalink = url(item["external_url"], base)
        entry.title = text(item["title"]).map { FeedText($0, .plain) }
        entry.summary = text(item["summary"]).map { FeedText($0, .plain) }
        if let html = item["content_html"]?.string {
            entry.content = FeedText(html, .html, base: entry.base)
        } else if let plain = item["content_text"]?.string {
            entry.content = FeedText(plain, .plain)
        }
        entry.authors = authors(item)
        entry.published = text(item["date_published"]).flatMap { DateParser.parse($0) }
        entry.modified = text(item["date_modified"]).flatMap { DateParser.parse($0) }
        entry.language = text(item["language"])
        for tag in (item["tags"]?.array ?? []).prefix(100) { if let tag = text(tag) { entry.tags.append(tag) } }
        for name in ["image", "banner_image"] {
            if let url = url(item[name], base) { entry.images.append(Document.Image(url: url)) }
        }
        for file in (item["attachments"]?.array ?? []).prefix(100) {
            guard let url = url(file["url"], base) else { continue }
            entry.enclosures.append(
                Document.Enclosure(url: url, type: text(file["mime_type"]), length: file["size_in_bytes"]?.integer))
        }
        return entry
    }

    private static func text(_ value: JSONValue?) -> String? { TextBytes.line(value?.string) }

    private static func url(_ value: JSONValue?, _ base: String?) -> String? {
        text(value).flatMap { CanonicalURL.resolve($0, against: base) }
    }

    private static func authors(_ value: JSONValue) -> [String] {
        var people = value["authors"]?.array ?? []
        if people.isEmpty, let one = value["author"] { people = [one] }
        return people.prefix(50).compactMap { text($0["name"]) ?? text($0) }
    }
}
