import Document
import JSON
import Testing

/// Documents as JSON, their names, and what the core puts in front.
@Suite struct DocumentTests {
    private let id = DocumentID(high: 0x0123_4567_89AB_CDEF, low: 1)

    private func written(_ document: Document) throws -> JSONValue {
        var writer = JSONWriter()
        document.write(to: &writer)
        return try JSONValue.parse(writer.bytes)
    }

    @Test func whatIsUnknownIsAbsent() throws {
        let value = try written(Document(id: id, source: "news", uri: "file:///a"))
        #expect(value == ["id": "0123456789abcdef0000000000000001", "source": "news", "uri": "file:///a"])
    }

    @Test func everythingThatIsKnownIsWritten() throws {
        var document = Document(id: id, source: "news \"one\"", uri: "https://example.org/?a=1&b=2")
        document.sourceID = "guid\u{1}"
        document.url = "https://example.org/"
        document.part = 2
        document.title = "Über 😀 \u{2028}"
        document.authors = ["A", "B \\ C"]
        document.site = "Example"
        document.summary = "S"
        document.tags = ["x", "y"]
        document.language = "de-AT"
        document.published = Timestamp(milliseconds: 1)
        document.modified = Timestamp(seconds: 2)
        document.fetched = Timestamp(seconds: 3)
        document.text = "one\n\ntwo"
        document.markdown = "# one"
        document.html = "<p>one"
        document.images = [
            .init(url: "https://example.org/i.png", caption: "c", credit: "d", width: 1, height: 2), .init(),
        ]
        document.links = ["https://example.org/l"]
        document.enclosures = [.init(url: "https://example.org/e", type: "audio/mpeg", length: .max)]
        var feed = Document.Feed()
        feed.title = "F"
        feed.published = Timestamp(seconds: 4)
        document.feed = feed
        document.mediaType = "text/html"
        document.charset = "windows-1252"
        document.hash = ContentHash(words: (1, 2, 3, .max))
        document.extraction = .init(method: "article", confidence: 0.123_456)
        let expected: JSONValue = [
            "id": "0123456789abcdef0000000000000001", "source_id": "guid\u{1}", "source": "news \"one\"",
            "uri": "https://example.org/?a=1&b=2", "url": "https://example.org/", "part": 2,
            "title": "Über 😀 \u{2028}", "authors": ["A", "B \\ C"], "site": "Example", "summary": "S",
            "tags": ["x", "y"], "language": "de-AT", "published": "1970-01-01T00:00:00.001Z",
            "modified": "1970-01-01T00:00:02Z", "fetched": "1970-01-01T00:00:03Z", "text": "one\n\ntwo",
            "markdown": "# one", "html": "<p>one",
            "images": [
                ["url": "https://example.org/i.png", "caption": "c", "credit": "d", "width": 1, "height": 2], [:],
            ], "links": ["https://example.org/l"],
            "enclosures": [
                ["url": "https://example.org/e", "type": "audio/mpeg", "length": 9_223_372_036_854_775_807]
            ],
            "feed": ["title": "F", "published": "1970-01-01T00:00:04Z"], "media_type": "text/html",
            "charset": "windows-1252",
            "hash": "000000000000000100000000000000020000000000000003ffffffffffffffff",
            "extraction": ["method": "article", "confidence": 0.123],
        ]
        #expect(try written(document) == expected)
        expectSameWithShared(document)
        expectSameWithShared(Document(id: id, source: "", uri: ""))
    }

    /// What documents have in common may be encoded before: nothing changes, and they need not have it themselves.
    private func expectSameWithShared(_ document: Document) {
        var whole = JSONWriter()
        document.write(to: &whole)
        let shared = Document.SharedJSON(of: document)
        var rest = Document(id: document.id, source: "", uri: "")
        rest.sourceID = document.sourceID
        rest.url = document.url
        rest.part = document.part
        rest.title = document.title
        rest.authors = document.authors
        rest.summary = document.summary
        rest.tags = document.tags
        rest.language = document.language
        rest.published = document.published
        rest.modified = document.modified
        rest.text = document.text
        rest.markdown = document.markdown
        rest.html = document.html
        rest.images = document.images
        rest.links = document.links
        rest.enclosures = document.enclosures
        rest.hash = document.hash
        var parts = JSONWriter()
        rest.write(to: &parts, shared: shared)
        #expect(parts.bytes == whole.bytes)
    }

    /// The core finds documents by this beginning and never parses them.
    @Test func theIDComesFirst() {
        var writer = JSONWriter()
        Document(id: id, source: "s", uri: "u").write(to: &writer)
        #expect(writer.bytes.starts(with: #"{"id":""#.utf8) && writer.bytes.last == UInt8(ascii: "}"))
    }

    @Test func theEnvelopeIsSetInFront() throws {
        var writer = JSONWriter()
        var document = Document(id: id, source: "s", uri: "u")
        document.text = "with } and {\n"
        document.write(to: &writer)
        func line(_ envelope: DocumentEnvelope, _ position: UInt64) -> [UInt8] {
            var output = Array("before".utf8)
            writer.bytes.withUnsafeBufferPointer { envelope.appendLine(of: $0, position: position, to: &output) }
            return Array(output.dropFirst(6))
        }
        let plain = line(DocumentEnvelope(revision: 3), .max)
        #expect(plain.starts(with: #"{"position":18446744073709551615,"revision":3,"id":"#.utf8))
        #expect(plain.last == 0x0A && plain.count { $0 == 0x0A } == 1)
        var members = try #require(try JSONValue.parse(line(DocumentEnvelope(revision: 3), 7)).object)
        #expect(members.removeValue(forKey: "position") == 7)
        #expect(members.removeValue(forKey: "revision") == 3)
        #expect(JSONValue.object(members) == (try JSONValue.parse(writer.bytes)))
        let duplicate = DocumentEnvelope(revision: 1, duplicateOf: DocumentID(high: 0, low: 2), similarity: 0.5)
        let value = try JSONValue.parse(line(duplicate, 8))
        #expect(value["duplicate_of"] == "00000000000000000000000000000002")
        #expect(value["similarity"] == 0.5)
        let withoutOriginal = DocumentEnvelope(revision: 1, similarity: 0.5)
        #expect(try JSONValue.parse(line(withoutOriginal, 8))["similarity"] == nil)
    }

    @Test func namesAndDigestsComeBack() throws {
        #expect(DocumentID(id.description) == id)
        #expect(DocumentID("0123456789ABCDEF0000000000000001") == id)
        let hash = ContentHash(words: (.max, 0, 0x8000_0000_0000_0000, 1))
        #expect(ContentHash(hash.description) == hash)
        #expect(hash.bytes.withUnsafeBytes { ContentHash(bytes: $0) } == hash)
        #expect(hash.bytes.count == 32 && hash.bytes.last == 1)
        #expect(DocumentID(truncating: hash) == DocumentID(high: .max, low: 0))
        #expect(DocumentID(high: 0, low: .max) < DocumentID(high: 1, low: 0))
    }

    @Test(arguments: [
        "", "0", "0123456789abcdef000000000000000", "0123456789abcdef00000000000000011",
        "0123456789abcdef000000000000000g", "+123456789abcdef0000000000000001", "0x23456789abcdef0000000000000001",
        "éééééééééééééééé",
    ])
    func whatNamesNothing(_ text: String) {
        #expect(DocumentID(text) == nil)
        #expect(ContentHash(text + text) == nil || text.utf8.count == 32 && DocumentID(text) != nil)
        #expect(Array(text.utf8.prefix(31)).withUnsafeBytes { ContentHash(bytes: $0) } == nil)
    }
}
