import Glibc

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

/// Which member of a record fills which field. A class, so that looking it up for each member counts one reference and not
/// those of all tables.
final class RecordMapping: Sendable {
    /// The usual names alone.
    static let usual = RecordMapping([:])

    private struct Target {
        /// Where its name stands in `names`.
        var start: Int
        var length: Int
        /// Its beginning.
        var word: UInt64
        var field: RecordField
        /// Lower wins where a record has several names of a field.
        var rank: Int
    }

    // By length and first byte of the name: a handful of candidates each, compared in full.
    private let targets: [Target]
    /// Where the candidates of each slot begin in `targets`; those of the last one end with it.
    private let slots: [Int]
    /// All names, one behind the other.
    private let names: [UInt8]

    /// The usual names, but for fields that the settings name.
    init(_ fields: [String: String]) {
        var named: [(name: [UInt8], field: RecordField, rank: Int)] = []
        for field in RecordField.allCases {
            if let name = fields[field.name] ?? (field == .authors ? fields["author"] : nil) {
                named.append((Array(name.utf8), field, 0))
                continue
            }
            for (rank, name) in field.usualNames.enumerated() {
                named.append(
                    (Array(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)), field, rank))
            }
        }
        var targets: [Target] = []
        var slots = [Int](repeating: 0, count: 257)
        var names: [UInt8] = []
        var members = [[Int]](repeating: [], count: 256)
        for (index, (name, _, _)) in named.enumerated() {
            if let first = name.first { members[Self.slot(first, name.count)].append(index) }
        }
        for slot in 0..<256 {
            slots[slot] = targets.count
            for index in members[slot] {
                let (name, field, rank) = named[index]
                let word = name.withUnsafeBufferPointer(Self.word)
                targets.append(Target(start: names.count, length: name.count, word: word, field: field, rank: rank))
                names += name
            }
        }
        slots[256] = targets.count
        (self.targets, self.slots, self.names) = (targets, slots, names)
    }

    @inline(__always) private static func slot(_ first: UInt8, _ count: Int) -> Int {
        Int((first &* 31) ^ UInt8(truncatingIfNeeded: count))
    }

    /// Up to eight bytes of a name, all of one that has no more; the same for names of the same length and beginning.
    @inline(__always) private static func word(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let base = UnsafeRawPointer(name.baseAddress), let first = name.first, let last = name.last else {
            return 0
        }
        // In bounds: there are as many bytes.
        if name.count >= 8 { return base.loadUnaligned(as: UInt64.self) }
        if name.count >= 4 {
            let end = base.loadUnaligned(fromByteOffset: name.count &- 4, as: UInt32.self)
            return UInt64(base.loadUnaligned(as: UInt32.self)) | UInt64(end) &<< 32
        }
        return UInt64(first) | UInt64(name[name.count / 2]) &<< 8 | UInt64(last) &<< 16
    }

    /// The field that a member of that name fills. Members that the settings name come before usual ones.
    func field(_ name: UnsafeBufferPointer<UInt8>) -> (RecordField, rank: Int)? {
        guard let base = name.baseAddress, let first = name.first else { return nil }
        let slot = Self.slot(first, name.count)
        let begin = slots[slot]
        let end = slots[slot + 1]
        guard begin < end else { return nil }
        let word = Self.word(name)
        for index in begin..<end where targets[index].length == name.count && targets[index].word == word {
            let target = targets[index]
            if target.length <= 8 || isEqual(target, base) { return (target.field, target.rank) }
        }
        return nil
    }

    private func isEqual(_ target: Target, _ name: UnsafePointer<UInt8>) -> Bool {
        names.withUnsafeBufferPointer { names in
            // In bounds: the name was put there.
            names.baseAddress.map { memcmp($0 + target.start, name, target.length) == 0 } ?? false
        }
    }
}
