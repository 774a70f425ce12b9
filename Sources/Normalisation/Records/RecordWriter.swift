import Document
import JSON

/// Writes a record as a document, straight into the result.
struct RecordWriter {
    private var title: [UInt8] = []
    private var summary: [UInt8] = []
    private var text: [UInt8] = []
    private var key: [UInt8] = []
    private var scratch: [UInt8] = []
    private var sample = LanguageSample()
    private var writer = JSONWriter(capacity: 4096)

    mutating func write(
        _ values: [RecordValue?], number: Int64, input: NormaliserInput, finisher: DocumentFinisher, fetched: [UInt8],
        mediaType: String, to result: inout NormaliserResult
    ) {
        Self.fill(&title, values[RecordField.title.rawValue], keepsLines: false)
        Self.fill(&summary, values[RecordField.summary.rawValue], keepsLines: false)
        Self.fill(&text, values[RecordField.text.rawValue], keepsLines: true)
        let wantsForms = input.settings.wantsMarkdown || input.settings.wantsHTML
        var structure: RichContent?
        if text.isEmpty, let html = values[RecordField.html.rawValue] {
            Self.fill(&scratch, html, keepsLines: true)
            if wantsForms { structure = ContentForms.content(ofFragment: scratch, base: input.base) }
            text = NormalForm.compose(FragmentRenderer.render(scratch, base: input.base, collectsLinks: false).text)
        }
        let url = string(values[RecordField.url.rawValue]).flatMap(CanonicalURL.of)
        Self.fill(&key, values[RecordField.id.rawValue], keepsLines: false)
        let hasID = !key.isEmpty
        let digest = finisher.digest
        digest.begin()
        digest.add(input.source)
        digest.separate()
        if hasID {
            key.withUnsafeBufferPointer { digest.add($0) }
        } else if let url {
            digest.add(url)
        } else {
            digest.add(input.identity)
            digest.separate()
            digest.add("\(number)")
        }
        let id = DocumentID(truncating: digest.finish())

        let body = text.isEmpty ? summary : text
        let known = knownLanguage(values, input)
        let (identity, language) = title.withUnsafeBufferPointer { title in
            body.withUnsafeBufferPointer { body in
                sample.clear()
                if known == nil, !body.isEmpty { sample.begin(body) }
                let identity = finisher.identifier.identify(title: title, text: body, sample: &sample)
                return (identity, known ?? detectedLanguage(body.isEmpty ? title : body))
            }
        }

        writer.removeAll()
        writer.beginObject()
        writer.key("id")
        writer.hexadecimal([id.high, id.low])
        if hasID { write("source_id", key) }
        writer.member("source", input.source)
        writer.member("uri", input.uri)
        writer.member("url", url)
        writer.member("part", number)
        if !title.isEmpty { write("title", title) }
        list("authors", values[RecordField.authors.rawValue], splits: false)
        member("site", values[RecordField.site.rawValue])
        if !summary.isEmpty { write("summary", summary) }
        list("tags", values[RecordField.tags.rawValue], splits: true)
        writer.member("language", language)
        time("published", values[RecordField.published.rawValue])
        time("modified", values[RecordField.modified.rawValue])
        if !fetched.isEmpty { write("fetched", fetched) }
        if !text.isEmpty {
            write("text", text)
            if wantsForms {
                let structure = structure ?? ContentForms.content(ofText: text)
                if input.settings.wantsMarkdown { write("markdown", MarkdownWriter.write(structure)) }
                if input.settings.wantsHTML { write("html", SanitisedHTML.write(structure)) }
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
        writer.member("media_type", mediaType)
        writer.key("hash")
        let hash = identity.hash.words
        writer.hexadecimal([hash.0, hash.1, hash.2, hash.3])
        writer.key("extraction")
        writer.beginObject()
        writer.key("method")
        writer.string("record")
        writer.endObject()
        writer.endObject()
        result.documents.append(
            NormaliserResult.Entry(id: id, identity: identity, length: writer.bytes.count))
        result.body.append(contentsOf: writer.bytes)
        result.body.append(UInt8(ascii: "\n"))
    }

    private mutating func write(_ name: StaticString, _ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { writer.member(name, utf8: $0) }
    }

    /// Puts a value's clean text into a buffer.
    private static func fill(_ buffer: inout [UInt8], _ value: RecordValue?, keepsLines: Bool) {
        buffer.removeAll(keepingCapacity: true)
        switch value {
        case .string(let raw):
            if !raw.hasEscapes, Self.isClean(raw.bytes) {
                buffer.append(contentsOf: raw.bytes)
            } else {
                var plain: [UInt8] = []
                plain.reserveCapacity(raw.bytes.count)
                raw.append(to: &plain)
                Self.clean(plain, keepsLines: keepsLines, to: &buffer)
            }
        case .plain(let bytes):
            if Self.isClean(bytes) {
                buffer.append(contentsOf: bytes)
            } else {
                Self.clean(Array(bytes), keepsLines: keepsLines, to: &buffer)
            }
        case .number(let digits): buffer.append(contentsOf: digits)
        case .tree, nil: return
        }
        if buffer.withUnsafeBufferPointer(NormalForm.mayChange) { buffer = NormalForm.compose(buffer) }
    }

    /// Whether text has no control characters and no space at its ends.
    private static func isClean(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last, first > 0x20, last > 0x20, first != 0xC2, last != 0xA0
        else {
            return bytes.isEmpty
        }
        var index = 0
        // What JSON escapes beside controls is clean.
        while true {
            index = ByteScan.endOfPlain(bytes, from: index)
            guard index < bytes.count else { return true }
            if bytes[index] < 0x20 { return false }
            index += 1
        }
    }

    /// Lines trimmed, empty ones made one; or everything on one line.
    private static func clean(_ bytes: [UInt8], keepsLines: Bool, to output: inout [UInt8]) {
        guard keepsLines else { return TextBytes.appendLine(bytes, 0..<bytes.count, to: &output) }
        var start = 0
        var blanks = 0
        while start <= bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
            let before = output.count
            if before > 0 { output.append(0x0A) }
            if before > 0, blanks > 0 { output.append(0x0A) }
            let lineStart = output.count
            TextBytes.appendLine(bytes, start..<end, to: &output)
            if output.count == lineStart {
                output.removeLast(lineStart - before)
                if before > 0 { blanks += 1 }
            } else {
                blanks = 0
            }
            start = end + (end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A ? 2 : 1)
        }
    }

    private func string(_ value: RecordValue?) -> String? {
        switch value {
        case .string(let raw): TextBytes.line(raw.text.utf8)
        case .number(let digits), .plain(let digits): String(decoding: digits, as: UTF8.self)
        case .tree(let bytes): Self.named(try? JSONValue.parse(bytes, maximumDepth: 32))
        case nil: nil
        }
    }

    /// The name or address in an object, or the first in an array.
    private static func named(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        if let text = value.string { return TextBytes.line(text.utf8) }
        if let first = value.array?.first { return first.string ?? first["name"]?.string ?? first["url"]?.string }
        return value["name"]?.string ?? value["url"]?.string ?? value["@id"]?.string
    }

    private mutating func member(_ name: StaticString, _ value: RecordValue?) {
        if let text = string(value) { writer.member(name, NormalForm.compose(text)) }
    }

    private mutating func list(_ name: StaticString, _ value: RecordValue?, splits: Bool) {
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
            writer.member(name, time.description)
        case .number(let digits):
            // Seconds since 1970, or milliseconds where seconds would be thousands of years away.
            guard let value = Double(String(decoding: digits, as: UTF8.self)), value > 0, value < 1e14 else { return }
            let milliseconds = value > 1e11 ? value : value * 1000
            guard milliseconds < 253_402_300_800_000 else { return }
            writer.member(name, Timestamp(milliseconds: Int64(milliseconds)).description)
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
