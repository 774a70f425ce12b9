import Charset

/// What an input is, by what was declared and by what its bytes are.
enum ContentKind {
    case feed(isDeclared: Bool), jsonFeed, sitemap, html, text, markdown, records, record
    case document(DocumentFormat)
    case failure(String)

    /// What the decision rests on.
    enum Ground: String {
        case declared = "the declared media type"
        case bytes = "its first bytes"
        case name = "the ending of its name"
        case framing = "the records that the source or the caller asks for"
    }

    static func decide(_ input: NormaliserInput) -> (kind: ContentKind, ground: Ground) {
        let declared = (input.mediaType ?? input.headers["content-type"]).map(MediaType.essence) ?? ""
        let head = Head(input.bytes)
        let name = name(in: input.uri)
        // What the bytes are comes before what was declared, and mail, which has no mark of its own, after it.
        if let format = DocumentFormat(input.bytes, name: name) { return (.document(format), .bytes) }
        if !declared.isEmpty, let format = DocumentFormat(mediaType: declared) { return (.document(format), .declared) }
        if let name = head.binaryName { return (unsupported(name, declared), .bytes) }
        if declared.isEmpty { return sniffed(name, head, isDeclaredText: false) }
        switch declared {
        case "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/x-cdf":
            return head.isSitemap ? (.sitemap, .bytes) : (.feed(isDeclared: true), .declared)
        case "application/feed+json": return (.jsonFeed, .declared)
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines",
            "application/x-jsonlines", "application/json-seq":
            return (.records, .declared)
        case "text/markdown", "text/x-markdown": return (.markdown, .declared)
        case "text/html", "application/xhtml+xml":
            if head.isFeed { return (.feed(isDeclared: false), .bytes) }
            return head.isSitemap ? (.sitemap, .bytes) : (.html, .declared)
        case "text/xml", "application/xml": return xml(head)
        case "application/json", "text/json": return head.isJSONFeed ? (.jsonFeed, .bytes) : (.record, .declared)
        case "application/octet-stream", "text/plain", "binary/octet-stream", "application/x-unknown":
            return sniffed(name, head, isDeclaredText: declared == "text/plain")
        default:
            if declared.hasSuffix("+xml") { return xml(head) }
            if declared.hasSuffix("+json") { return head.isJSONFeed ? (.jsonFeed, .bytes) : (.record, .declared) }
            if declared.hasPrefix("text/") { return sniffed(name, head, isDeclaredText: true) }
            return (unsupported(declared, declared), .declared)
        }
    }

    /// An address without query and fragment, in lower case.
    private static func name(in address: String) -> String {
        // Character by character is a long way round for ASCII.
        let end = address.utf8.span.withUnsafeBufferPointer { bytes in
            bytes.allSatisfy { $0 < 0x80 }
                ? bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.count : nil
        }
        guard let end else { return address.prefix { $0 != "?" && $0 != "#" }.lowercased() }
        return String(Substring(address.utf8.prefix(end))).lowercased()
    }

    private static func xml(_ head: Head) -> (ContentKind, Ground) {
        if head.isSitemap { return (.sitemap, .bytes) }
        if head.isHTML, !head.isFeed { return (.html, .bytes) }
        return (.feed(isDeclared: false), .declared)
    }

    private static func sniffed(_ name: String, _ head: Head, isDeclaredText: Bool) -> (ContentKind, Ground) {
        if head.isFeed { return (.feed(isDeclared: false), .bytes) }
        if head.isSitemap { return (.sitemap, .bytes) }
        if head.isHTML { return (.html, .bytes) }
        if head.isJSONFeed { return (.jsonFeed, .bytes) }
        if name.hasSuffix(".md") || name.hasSuffix(".markdown") { return (.markdown, .name) }
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return (.records, .name) }
        if !isDeclaredText {
            if name.hasSuffix(".json"), head.first == UInt8(ascii: "{") { return (.record, .name) }
            if name.hasSuffix(".html") || name.hasSuffix(".htm") { return (.html, .name) }
        }
        if !head.isText { return (unsupported("binary data", ""), .bytes) }
        return (.text, isDeclaredText ? .declared : .bytes)
    }

    private static func unsupported(_ name: String, _ declared: String) -> ContentKind {
        .failure(
            "unsupported media type: \(name); remedy: leave such files out of the source, or convert them to HTML, "
                + "Markdown or plain text first")
    }

    static func looksLikeHTML(_ bytes: [UInt8]) -> Bool { Head(bytes).isHTML }

    /// The beginning of an input, as far as deciding needs it.
    struct Head {
        private let bytes: ArraySlice<UInt8>
        /// The same without zero bytes and such beyond ASCII, where the text is in 16-bit units, and without what stands
        /// before the first sign.
        private let text: ArraySlice<UInt8>
        private let isWide: Bool

        init(_ whole: [UInt8]) {
            bytes = whole.prefix(4096)
            // Text in 16-bit units is looked at as if it were bytes.
            isWide =
                switch (whole.first, whole.count > 1 ? whole[1] : nil) {
                case (0xFF, 0xFE), (0xFE, 0xFF), (0x3C, 0), (0, 0x3C): true
                default: false
                }
            let visible = isWide ? bytes.filter { $0 != 0 && $0 < 0x80 }[...] : bytes
            text = visible.drop { $0 <= 0x20 || $0 >= 0x80 || $0 == UInt8(ascii: "?") }
        }

        /// The first sign.
        var first: UInt8 { text.first.map(Self.lower) ?? 0 }

        @inline(__always) private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

        /// Whether `wanted`, which is in lower case, stands at `place`.
        private func has(_ wanted: StaticString, at place: Int) -> Bool {
            guard text.endIndex - place >= wanted.utf8CodeUnitCount else { return false }
            for offset in 0..<wanted.utf8CodeUnitCount
            where Self.lower(text[place + offset]) != wanted.utf8Start[offset] { return false }
            return true
        }

        /// Whether `needle`, which is in lower case, stands anywhere.
        private func contains(_ needle: StaticString) -> Bool {
            text.indices.contains { has(needle, at: $0) }
        }

        /// The name of the first element in lower case, without its prefix.
        private var root: String { root(from: text.startIndex) }

        private func root(from start: Int) -> String {
            var place = start
            while let open = text[place...].firstIndex(of: UInt8(ascii: "<")) {
                place = open + 1
                if has("!--", at: place) {
                    while place < text.endIndex, !has("-->", at: place) { place += 1 }
                    continue
                }
                let name = text[place...].prefix {
                    (Self.lower($0) &- 0x61) < 26 || ($0 &- 0x30) < 10 || $0 == UInt8(ascii: ":")
                        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                }
                if name.isEmpty { continue }
                let local = name.split(separator: UInt8(ascii: ":")).last ?? name
                return String(decoding: local.map(Self.lower), as: UTF8.self)
            }
            return ""
        }

        private var isMarkup: Bool { first == UInt8(ascii: "<") }
        var isFeed: Bool { isMarkup && (Self.isFeed(root) || isFeedBehindMessages) }

        private static func isFeed(_ root: String) -> Bool {
            root == "rss" || root == "feed" || root == "rdf" || root == "channel"
        }

        /// Whether a feed begins behind something else that is no page: what a program on the server had to complain of.
        private var isFeedBehindMessages: Bool {
            guard let start = text.indices.first(where: { has("<?xml", at: $0) }), start > text.startIndex,
                Self.isFeed(root(from: start))
            else { return false }
            return !contains("<html") && !contains("<body")
        }
        var isSitemap: Bool { isMarkup && ["urlset", "sitemapindex"].contains(root) }
        var isHTML: Bool {
            guard isMarkup else { return false }
            return contains("<!doctype html") || contains("<html")
                || [
                    "head", "body", "title", "meta", "div", "p", "h1",
                    "article", "table", "script", "a", "br", "span", "section", "main",
                ].contains(root)
        }
        var isJSONFeed: Bool {
            first == UInt8(ascii: "{") && (contains("jsonfeed.org/version/") || contains("jsonfeed.org\\/version\\/"))
        }

        /// Whether there is nothing but text: no zero bytes, hardly any controls.
        var isText: Bool {
            if isWide { return true }
            var controls = 0
            for byte in bytes where byte < 0x20 && byte != 9 && byte != 10 && byte != 13 && byte != 12 && byte != 27 {
                if byte == 0 { return false }
                controls += 1
            }
            return controls * 50 <= bytes.count
        }

        /// The name of a binary format by its first bytes.
        var binaryName: String? {
            // Nearly all inputs begin with something else.
            if let first = bytes.first, Self.beginnings.contains(first) {
                for (magic, name) in Self.formats where bytes.starts(with: magic) { return name }
            }
            if bytes.count > 12, bytes[4] == UInt8(ascii: "f"), bytes[4..<8].elementsEqual("ftyp".utf8) {
                return "video/mp4"
            }
            return nil
        }

        private static let beginnings = formats.compactMap(\.0.first)
        private static let formats: [([UInt8], String)] = [
            (Array("%PDF-".utf8), "application/pdf"), ([0x89, 0x50, 0x4E, 0x47], "image/png"),
            ([0xFF, 0xD8, 0xFF], "image/jpeg"), (Array("GIF8".utf8), "image/gif"),
            ([0x50, 0x4B, 3, 4], "application/zip"),
            ([0x7F, 0x45, 0x4C, 0x46], "application/x-executable"), ([0x42, 0x5A, 0x68], "application/x-bzip2"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "application/x-xz"), ([0x28, 0xB5, 0x2F, 0xFD], "application/zstd"),
            (Array("RIFF".utf8), "audio or video"), (Array("OggS".utf8), "audio/ogg"),
            (Array("ID3".utf8), "audio/mpeg"),
            (Array("SQLite format 3".utf8), "application/vnd.sqlite3"),
            ([0xD0, 0xCF, 0x11, 0xE0], "application/msword"),
            (Array("wOFF".utf8), "font/woff"), (Array("wOF2".utf8), "font/woff2"),
        ]
    }
}
