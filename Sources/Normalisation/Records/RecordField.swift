/// The fields of a document that a JSON record can fill.
enum RecordField: Int, CaseIterable {
    case id, url, title, authors, site, summary, tags, language, published, modified, text, html, image

    /// The field's name in the settings and in documents.
    var name: String {
        switch self {
        case .id: "id"
        case .url: "url"
        case .title: "title"
        case .authors: "authors"
        case .site: "site"
        case .summary: "summary"
        case .tags: "tags"
        case .language: "language"
        case .published: "published"
        case .modified: "modified"
        case .text: "text"
        case .html: "html"
        case .image: "image"
        }
    }

    /// Names that are understood without being told, the likeliest first.
    var usualNames: [StaticString] {
        switch self {
        case .id: ["id", "guid", "_id", "uuid", "key"]
        case .url: ["url", "link", "permalink", "uri", "href", "canonical_url"]
        case .title: ["title", "headline", "subject", "name"]
        case .authors: ["authors", "author", "byline", "creator", "by"]
        case .site: ["site", "site_name", "publisher", "source_name"]
        case .summary: ["summary", "description", "abstract", "excerpt", "lead"]
        case .tags: ["tags", "keywords", "categories", "category", "topics", "section"]
        case .language: ["language", "lang", "inLanguage", "locale"]
        case .published:
            [
                "published", "published_at", "datePublished", "date_published", "pubDate", "publish_date", "date",
                "created_at",
                "created", "timestamp", "time", "@timestamp",
            ]
        case .modified: ["modified", "updated", "updated_at", "modified_at", "dateModified", "date_modified"]
        case .text:
            ["text", "content", "body", "message", "content_text", "articleBody", "full_text", "maintext", "log"]
        case .html: ["html", "content_html", "body_html"]
        case .image: ["image", "image_url", "thumbnail", "thumbnailUrl"]
        }
    }
}

/// Which member of a record fills which field.
struct RecordMapping {
    private struct Target {
        var name: [UInt8]
        var field: RecordField
        /// Lower wins where a record has several names of a field.
        var rank: Int
    }

    // By length and first byte of the name: a handful of candidates each, compared in full.
    private var targets: [[Target]] = Array(repeating: [], count: 256)

    /// The usual names, but for fields that the settings name.
    init(_ fields: [String: String]) {
        for field in RecordField.allCases {
            if let name = fields[field.name] ?? (field == .authors ? fields["author"] : nil) {
                add(Array(name.utf8), field, 0)
                continue
            }
            for (rank, name) in field.usualNames.enumerated() {
                add(Array(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)), field, rank)
            }
        }
    }

    private mutating func add(_ name: [UInt8], _ field: RecordField, _ rank: Int) {
        guard let first = name.first else { return }
        targets[Self.slot(first, name.count)].append(Target(name: name, field: field, rank: rank))
    }

    @inline(__always) private static func slot(_ first: UInt8, _ count: Int) -> Int {
        Int((first &* 31) ^ UInt8(truncatingIfNeeded: count))
    }

    /// The field that a member of that name fills. Members that the settings name come before usual ones.
    @inline(__always) func field(_ name: UnsafeBufferPointer<UInt8>) -> (RecordField, rank: Int)? {
        guard let first = name.first else { return nil }
        for target in targets[Self.slot(first, name.count)] where target.name.count == name.count {
            var isEqual = true
            for index in 0..<name.count where target.name[index] != name[index] {
                isEqual = false
                break
            }
            if isEqual { return (target.field, target.rank) }
        }
        return nil
    }
}
