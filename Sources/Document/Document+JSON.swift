import JSON

extension Document {
    /// Writes the document as one JSON object, fields in the order of docs/document.md, unknown ones left out.
    ///
    /// - Parameters:
    ///   - shared: what many documents of one feed have in common, in JSON. It stands for their own.
    ///   - packed: what stands for the document's own text and links.
    public func write(to writer: inout JSONWriter, shared: SharedJSON? = nil, packed: Packed = Packed()) {
        writer.beginObject()
        writer.key("id")
        writer.hexadecimal((id.high, id.low))
        writer.member("source_id", sourceID)
        if let shared { writer.members(raw: shared.source) } else { writeSource(to: &writer) }
        writer.member("url", url)
        writer.member("part", part)
        writer.member("title", title)
        writer.strings("authors", authors)
        if let shared { writer.members(raw: shared.site) } else { writer.member("site", site) }
        writer.member("summary", summary)
        writer.strings("tags", tags)
        writer.member("language", language)
        writer.member("published", published)
        writer.member("modified", modified)
        if let shared { writer.members(raw: shared.fetched) } else { writer.member("fetched", fetched) }
        if let text = packed.text {
            text.withUnsafeBufferPointer { writer.member("text", utf8: $0) }
        } else {
            writer.member("text", text)
        }
        writer.member("markdown", markdown)
        writer.member("html", html)
        writeImages(to: &writer)
        if let links = packed.links { writer.member("links", links) } else { writer.strings("links", links) }
        writeEnclosures(to: &writer)
        if let shared { writer.members(raw: shared.form) } else { writeForm(to: &writer) }
        if let words = hash?.words {
            writer.key("hash")
            writer.hexadecimal(words)
        }
        if let shared { writer.members(raw: shared.extraction) } else { writeExtraction(to: &writer) }
        writer.endObject()
    }

    private func writeSource(to writer: inout JSONWriter) {
        writer.member("source", source)
        writer.member("uri", uri)
    }

    private func writeForm(to writer: inout JSONWriter) {
        if let feed {
            writer.key("feed")
            feed.write(to: &writer)
        }
        writer.member("media_type", mediaType)
        writer.member("charset", charset)
    }

    private func writeExtraction(to writer: inout JSONWriter) {
        guard let extraction else { return }
        writer.key("extraction")
        writer.beginObject()
        writer.member("method", extraction.method)
        if let confidence = extraction.confidence {
            writer.key("confidence")
            writer.number((confidence * 1000).rounded() / 1000)
        }
        writer.endObject()
    }

    private func writeImages(to writer: inout JSONWriter) {
        if !images.isEmpty {
            writer.key("images")
            writer.beginArray()
            for image in images {
                writer.beginObject()
                writer.member("url", image.url)
                writer.member("caption", image.caption)
                writer.member("credit", image.credit)
                writer.member("width", image.width)
                writer.member("height", image.height)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private func writeEnclosures(to writer: inout JSONWriter) {
        if !enclosures.isEmpty {
            writer.key("enclosures")
            writer.beginArray()
            for enclosure in enclosures {
                writer.beginObject()
                writer.member("url", enclosure.url)
                writer.member("type", enclosure.type)
                writer.member("length", enclosure.length)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    /// Parts of a document as bytes, which need no strings to be made of them.
    public struct Packed: Sendable {
        /// Well-formed UTF-8; nil where the document's own text counts.
        public var text: [UInt8]?
        /// Nil where the document's own links count.
        public var links: PackedTexts?

        /// Everything is in the document.
        public init() {}
    }

    /// Members that all documents of one feed have in common, encoded once, in groups that stand beside each other.
    public final class SharedJSON: Sendable {
        fileprivate let source: [UInt8]
        fileprivate let site: [UInt8]
        fileprivate let fetched: [UInt8]
        fileprivate let form: [UInt8]
        fileprivate let extraction: [UInt8]

        /// Encodes what `document` says of its source, site, fetching, feed, media type, charset and extraction.
        public init(of document: Document) {
            func encoded(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
                var writer = JSONWriter()
                write(&writer)
                return writer.bytes
            }
            source = encoded { document.writeSource(to: &$0) }
            site = encoded { $0.member("site", document.site) }
            fetched = encoded { $0.member("fetched", document.fetched) }
            form = encoded { document.writeForm(to: &$0) }
            extraction = encoded { document.writeExtraction(to: &$0) }
        }
    }
}

extension Document.Feed {
    /// Writes it as one JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("title", title)
        writer.member("url", url)
        writer.member("source_id", sourceID)
        writer.member("author", author)
        writer.member("summary", summary)
        writer.member("language", language)
        writer.member("published", published)
        writer.member("modified", modified)
        writer.endObject()
    }
}

extension JSONWriter {
    /// Writes a moment as its ``Timestamp/description``, when there is one.
    public mutating func member(_ name: StaticString, _ time: Timestamp?) {
        guard let time else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Timestamp.longestDescription) { buffer in
            let count = time.write(to: buffer)
            member(name, plain: UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    fileprivate mutating func strings(_ name: StaticString, _ values: [String]) {
        guard !values.isEmpty else { return }
        key(name)
        beginArray()
        strings(values)
        endArray()
    }
}
