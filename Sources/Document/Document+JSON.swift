import JSON

extension Document {
    /// Writes the document as one JSON object, fields in the order of docs/document.md, unknown ones left out.
    ///
    /// - Parameter feed: what stands for ``feed`` in JSON, for many documents of one feed, which need not have it themselves.
    public func write(to writer: inout JSONWriter, feed feedJSON: [UInt8]? = nil) {
        writer.beginObject()
        writer.key("id")
        writer.hexadecimal((id.high, id.low))
        writer.member("source_id", sourceID)
        writer.member("source", source)
        writer.member("uri", uri)
        writer.member("url", url)
        writer.member("part", part)
        writer.member("title", title)
        writer.strings("authors", authors)
        writer.member("site", site)
        writer.member("summary", summary)
        writer.strings("tags", tags)
        writer.member("language", language)
        writer.member("published", published)
        writer.member("modified", modified)
        writer.member("fetched", fetched)
        writer.member("text", text)
        writer.member("markdown", markdown)
        writer.member("html", html)
        writeParts(to: &writer, feed: feedJSON)
        writer.member("media_type", mediaType)
        writer.member("charset", charset)
        if let words = hash?.words {
            writer.key("hash")
            writer.hexadecimal(words)
        }
        if let extraction {
            writer.key("extraction")
            writer.beginObject()
            writer.member("method", extraction.method)
            if let confidence = extraction.confidence {
                writer.key("confidence")
                writer.number((confidence * 1000).rounded() / 1000)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    private func writeParts(to writer: inout JSONWriter, feed feedJSON: [UInt8]?) {
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
        writer.strings("links", links)
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
        if let feedJSON {
            writer.key("feed")
            writer.raw(feedJSON)
        } else if let feed {
            writer.key("feed")
            feed.write(to: &writer)
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
        for value in values { string(value) }
        endArray()
    }
}
