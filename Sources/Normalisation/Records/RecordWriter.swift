import Document
import JSON

/// Writes a record as a document, straight into the result.
struct RecordWriter {
    /// Text of a field.
    private struct Field {
        var bytes: [UInt8] = []
        /// Whether it is known that nothing of it must be escaped in JSON.
        var isPlain = false
    }

    private var title = Field()
    private var summary = Field()
    private var text = Field()
    private var key = Field()
    private var scratch = Field()
    private var sample = LanguageSample()
    private var writer = JSONWriter(capacity: 0)
    /// Members that all records of an input have, as JSON.
    private let sourceMembers: [UInt8]
    private let fetchedMember: [UInt8]
    private let mediaTypeMember: [UInt8]
    private let lastMembers: [UInt8]

    init(_ input: NormaliserInput) {
        func members(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
            var writer = JSONWriter()
            write(&writer)
            return writer.bytes
        }
        sourceMembers = members { writer in
            writer.member("source", input.source)
            writer.member("uri", input.uri)
        }
        fetchedMember = members { $0.member("fetched", input.fetched) }
        lastMembers = members { writer in
            writer.key("extraction")
            writer.beginObject()
            writer.member("method", "record")
            writer.endObject()
        }
        let mediaType =
            input.mediaType.map(MediaType.essence) ?? (input.framing == .json ? "application/x-ndjson" : "text/plain")
        mediaTypeMember = members { $0.member("media_type", mediaType) }
    }

    mutating func write(
        _ values: [RecordValue?], number: Int64, input: NormaliserInput, finisher: DocumentFinisher,
        to result: inout NormaliserResult
    ) {
        Self.fill(&title, values[RecordField.title.rawValue], keepsLines: false)
        Self.fill(&summary, values[RecordField.summary.rawValue], keepsLines: false)
        Self.fill(&text, values[RecordField.text.rawValue], keepsLines: true)
        let wantsForms = input.settings.wantsMarkdown || input.settings.wantsHTML
        var structure: RichContent?
        if text.bytes.isEmpty, let html = values[RecordField.html.rawValue] {
            Self.fill(&scratch, html, keepsLines: true)
            let fragment = scratch.bytes
            if wantsForms { structure = ContentForms.content(ofFragment: fragment, base: input.base) }
            let rendered = FragmentRenderer.render(fragment, base: input.base, collectsLinks: false).text
            text = Field(bytes: NormalForm.compose(rendered), isPlain: false)
        }
        // Nearly all addresses are written as they stand there.
        let plainURL = Self.plainURL(values[RecordField.url.rawValue])
        let url = plainURL == nil ? string(values[RecordField.url.rawValue]).flatMap(CanonicalURL.of) : nil
        Self.fill(&key, values[RecordField.id.rawValue], keepsLines: false)
        let id = id(number, url: url, plainURL, input, finisher.digest)
        let known = knownLanguage(values, input)
        let (identity, language) = identify(knownLanguage: known, finisher.identifier)

        // Written behind the others; the buffers change places for so long.
        swap(&writer.bytes, &result.body)
        writer.startText()
        let start = writer.bytes.count
        writer.beginObject()
        writer.key("id")
        writer.hexadecimal((id.high, id.low))
        if !key.bytes.isEmpty { write("source_id", key) }
        writer.members(raw: sourceMembers)
        if let plainURL { writer.member("url", plain: plainURL) } else { writer.member("url", url) }
        writer.member("part", number)
        if !title.bytes.isEmpty { write("title", title) }
        list("authors", values[RecordField.authors.rawValue], splits: false)
        member("site", values[RecordField.site.rawValue])
        if !summary.bytes.isEmpty { write("summary", summary) }
        list("tags", values[RecordField.tags.rawValue], splits: true)
        writer.member("language", language)
        time("published", values[RecordField.published.rawValue])
        time("modified", values[RecordField.modified.rawValue])
        writer.members(raw: fetchedMember)
        if !text.bytes.isEmpty {
            write("text", text)
            if wantsForms {
                let structure = structure ?? ContentForms.content(ofText: text.bytes)
                if input.settings.wantsMarkdown { write("markdown", Field(bytes: MarkdownWriter.write(structure))) }
                if input.settings.wantsHTML { write("html", Field(bytes: SanitisedHTML.write(structure))) }
            }
        }
        if let image = string(values[RecordField.image.rawValue]).flatMap({ CanonicalURL.resolve($0, against: nil) }) {
            writer.key("images")
            writer.beginArray()
            writer.beginObject()
            writer.member("url", image)
            writer.endObject()
            writer.endArray()
        }
        writer.members(raw: mediaTypeMember)
        writer.key("hash")
        writer.hexadecimal(identity.hash.words)
        writer.members(raw: lastMembers)
        writer.endObject()
        let length = writer.bytes.count - start
        writer.bytes.append(UInt8(ascii: "\n"))
        swap(&writer.bytes, &result.body)
        result.documents.append(NormaliserResult.Entry(id: id, identity: identity, length: length))
    }

    /// An address that stands there in its canonical form.
    private static func plainURL(_ value: RecordValue?) -> UnsafeBufferPointer<UInt8>? {
        guard case .string(let raw) = value, !raw.hasEscapes, PlainAddress.isCanonical(raw.bytes) else { return nil }
        return raw.bytes
    }

    /// By the record's own id, else its address, else its place in the input.
    private func id(
        _ number: Int64, url: String?, _ plainURL: UnsafeBufferPointer<UInt8>?, _ input: NormaliserInput,
        _ digest: SHA256
    ) -> DocumentID {
        digest.begin()
        digest.add(input.source)
        digest.separate()
        if !key.bytes.isEmpty {
            key.bytes.withUnsafeBufferPointer { digest.add($0) }
        } else if let plainURL {
            digest.add(plainURL)
        } else if let url {
            digest.add(url)
        } else {
            digest.add(input.identity)
            digest.separate()
            digest.add("\(number)")
        }
        return DocumentID(truncating: digest.finish())
    }

    private mutating func identify(
        knownLanguage: String?, _ identifier: ContentIdentifier
    ) -> (ContentIdentity, language: String?) {
        title.bytes.withUnsafeBufferPointer { title in
            (text.bytes.isEmpty ? summary : text).bytes.withUnsafeBufferPointer { body in
                sample.clear()
                if knownLanguage == nil, !body.isEmpty { sample.begin(body) }
                let identity = identifier.identify(title: title, text: body, sample: &sample)
                return (identity, knownLanguage ?? detectedLanguage(body.isEmpty ? title : body))
            }
        }
    }

    private mutating func write(_ name: StaticString, _ field: Field) {
        field.bytes.withUnsafeBufferPointer { bytes in
            if field.isPlain { writer.member(name, plain: bytes) } else { writer.member(name, utf8: bytes) }
        }
    }

    /// Puts a value's clean text into a buffer.
    private static func fill(_ field: inout Field, _ value: RecordValue?, keepsLines: Bool) {
        field.bytes.removeAll(keepingCapacity: true)
        field.isPlain = false
        switch value {
        case .string(let raw):
            // JSON has no controls in a string but by escapes.
            if !raw.hasEscapes, RecordText.isTrimmed(raw.bytes) {
                field.bytes.append(contentsOf: raw.bytes)
                field.isPlain = true
            } else {
                var plain: [UInt8] = []
                raw.append(to: &plain)
                RecordText.clean(plain, keepsLines: keepsLines, to: &field.bytes)
            }
        case .plain(let bytes):
            if RecordText.isTrimmed(bytes), !RecordText.hasControls(bytes) {
                field.bytes.append(contentsOf: bytes)
            } else {
                RecordText.clean(Array(bytes), keepsLines: keepsLines, to: &field.bytes)
            }
        case .number(let digits): field.bytes.append(contentsOf: digits)
        case .tree, nil: return
        }
        if field.bytes.withUnsafeBufferPointer(NormalForm.mayChange) { field.bytes = NormalForm.compose(field.bytes) }
    }

    private func string(_ value: RecordValue?) -> String? {
        switch value {
        case .string(let raw): TextBytes.line(raw.text)
        case .number(let digits), .plain(let digits): String(decoding: digits, as: UTF8.self)
        case .tree(let bytes): Self.named(try? JSONValue.parse(bytes, maximumDepth: 32))
        case nil: nil
        }
    }

    /// The name or address in an object, or the first in an array.
    private static func named(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        if let text = value.string { return TextBytes.line(text) }
        if let first = value.array?.first { return first.string ?? first["name"]?.string ?? first["url"]?.string }
        return value["name"]?.string ?? value["url"]?.string ?? value["@id"]?.string
    }

    private mutating func member(_ name: StaticString, _ value: RecordValue?) {
        if let text = string(value) { writer.member(name, NormalForm.compose(text)) }
    }

    private mutating func list(_ name: StaticString, _ value: RecordValue?, splits: Bool) {
        if case .string(let raw) = value, !raw.hasEscapes, TextBytes.isASCIILine(raw.bytes),
            !splits || raw.bytes.firstOffset(of: UInt8(ascii: ",")) == nil
        {
            writer.key(name)
            writer.beginArray()
            writer.string(utf8: raw.bytes)
            writer.endArray()
            return
        }
        var items: [String] = []
        if case .tree(let bytes) = value, let tree = try? JSONValue.parse(bytes, maximumDepth: 32),
            let array = tree.array
        {
            for element in array.prefix(100) { if let text = Self.named(element) { items.append(text) } }
        } else if let text = string(value) {
            items = splits ? text.split(separator: ",").compactMap { TextBytes.line($0.utf8) } : [text]
        }
        guard !items.isEmpty else { return }
        writer.key(name)
        writer.beginArray()
        for item in items.prefix(100) { writer.string(NormalForm.compose(item)) }
        writer.endArray()
    }

    private mutating func time(_ name: StaticString, _ value: RecordValue?) {
        switch value {
        case .string(let raw):
            guard !raw.hasEscapes, let time = DateParser.parse(utf8: raw.bytes) else { return }
            writer.member(name, time)
        case .number(let digits):
            // Seconds since 1970, or milliseconds where seconds would be thousands of years away.
            guard let value = Double(String(decoding: digits, as: UTF8.self)), value > 0, value < 1e14 else { return }
            let milliseconds = value > 1e11 ? value : value * 1000
            guard milliseconds < 253_402_300_800_000 else { return }
            writer.member(name, Timestamp(milliseconds: Int64(milliseconds)))
        default: return
        }
    }

    private func knownLanguage(_ values: [RecordValue?], _ input: NormaliserInput) -> String? {
        input.settings.language
            ?? string(values[RecordField.language.rawValue]).flatMap(LanguageDetector.tag)
    }

    private mutating func detectedLanguage(_ content: UnsafeBufferPointer<UInt8>) -> String? {
        LanguageDetector.detect(content, sample: &sample, hint: nil, window: LanguageDetector.recordWindow)
    }
}
