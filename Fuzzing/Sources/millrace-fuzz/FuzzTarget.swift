import Charset
@testable import HTML
@testable import HTTPFetching
import JSON
@testable import Normalisation
@testable import WriteAheadLog
import XML

/// What can be fuzzed. Each takes any bytes, and traps where something does not hold that always has to.
enum FuzzTarget: String, CaseIterable {
    case html, charset, page, content, feed, xml, date, text, records, json, sitemap, address, batch

    var body: ([UInt8]) -> Void {
        switch self {
        case .html: Self.html
        case .charset: Self.charset
        case .page: Self.normaliser(["text/html", "application/xhtml+xml"], wantsAll: true)
        case .content: Self.content
        case .feed: Self.normaliser(["application/rss+xml", "application/atom+xml", "application/feed+json"])
        case .xml: Self.xml
        case .date: Self.date
        case .text: Self.normaliser(["text/plain", "text/markdown"], wantsAll: true)
        case .records: Self.normaliser(["application/json", "application/x-ndjson"], framing: [.json, .lines, .nul])
        case .json: Self.json
        case .sitemap: { _ = Sitemap($0) }
        case .address: Self.address
        case .batch: Self.batch
        }
    }

    /// The first byte chooses what else is varied; the rest is the input.
    private static func split(_ bytes: [UInt8]) -> (choice: Int, rest: [UInt8]) {
        (Int(bytes.first ?? 0), Array(bytes.dropFirst()))
    }

    private static func html(_ bytes: [UInt8]) {
        let (choice, rest) = split(bytes)
        let contexts = ["body", "div", "table", "tr", "td", "select", "template", "title", "script", "frameset", "svg"]
        var limits = HTMLLimits()
        limits.depth = 40
        let document =
            choice & 1 == 0
            ? HTMLParser.parse(rest, limits: limits)
            : HTMLParser.parseFragment(rest, inside: contexts[(choice >> 1) % contexts.count], limits: limits)
        TreeCheck.check(document, depth: limits.depth)
    }

    private static func charset(_ bytes: [UInt8]) {
        let (choice, rest) = split(bytes)
        let kinds: [EncodingDetection.Kind] = [.html, .xml, .plain]
        let detected = EncodingDetection.detect(rest, transport: nil, kind: kinds[choice % kinds.count]).encoding
        let labels = [
            "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "utf-16be", "utf-16le",
            "windows-1252", "windows-1251", "iso-8859-8-i", "macintosh", "x-user-defined", "utf-8", "koi8-u",
        ]
        let named = Encoding(label: labels[(choice / 3) % labels.count])
        for encoding in [detected, named].compactMap({ $0 }) {
            let text = Decoder.decode(rest, as: encoding)
            precondition(String(validating: text, as: UTF8.self) != nil, "\(encoding.name) gives ill-formed UTF-8")
        }
    }

    /// HTML that is sanitised holds nothing but what is allowed, and is the same when it is sanitised again.
    private static func content(_ bytes: [UInt8]) {
        let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
        let content = ContentForms.content(ofFragment: text, base: "https://example.org/a/b?c=d")
        let html = SanitisedHTML.write(content)
        if let fault = SanitisedCheck.fault(in: html) { preconditionFailure("sanitised HTML holds \(fault)") }
        let again = SanitisedHTML.write(ContentForms.content(ofFragment: html, base: nil))
        precondition(again == html, "sanitised HTML changes when it is sanitised again")
        precondition(NormalForm.compose(html) == html, "sanitised HTML is not in normal form C")
        _ = MarkdownWriter.write(content)
    }

    /// A fuzzer of whole inputs: of each media type, and of each framing where there are several.
    private static func normaliser(
        _ mediaTypes: [String], framing: [NormaliserInput.Framing] = [.whole], wantsAll: Bool = false
    ) -> ([UInt8]) -> Void {
        guard let normaliser = Normaliser() else { return { _ in } }
        return { bytes in
            let (choice, content) = split(bytes)
            var input = NormaliserInput(bytes: content, source: "fuzz", uri: "https://example.org/a/b?c=d")
            input.mediaType = mediaTypes[choice % mediaTypes.count]
            input.framing = framing[choice / mediaTypes.count % framing.count]
            input.settings.wantsHTML = wantsAll
            input.settings.wantsMarkdown = wantsAll
            // What tools of the system read would measure them.
            if case .document = ContentKind.decide(input).kind { return }
            let result = normaliser.normalise(input)
            // What is handed on is one line of JSON a document, of the length that is told.
            var rest = result.body[...]
            for document in result.documents {
                let line = rest.prefix(document.length)
                guard (try? JSONValue.parse(Array(line))) != nil else { preconditionFailure("a document is no JSON") }
                rest = rest.dropFirst(document.length)
                precondition(rest.popFirst() == 0x0A, "a document's length is wrong")
            }
            precondition(rest.isEmpty, "more lines than documents")
        }
    }

    private static func xml(_ bytes: [UInt8]) {
        var reader = XMLReader(bytes)
        var text: [UInt8] = []
        var events = 0
        while true {
            switch reader.next() {
            case .finished: return
            case .text:
                text.removeAll(keepingCapacity: true)
                reader.appendText(to: &text)
            case .start, .end: break
            }
            events += 1
            precondition(events <= 4 * bytes.count + 16, "more events than bytes could make")
        }
    }

    private static func date(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        for dayFirst in [nil, true, false] {
            guard let found = DateParser.parse(text, dayFirst: dayFirst) else { continue }
            precondition(
                DateParser.parse(found.description)?.description == found.description,
                "\(found) is read as another time")
        }
    }

    private static func json(_ bytes: [UInt8]) {
        guard let value = try? JSONValue.parse(bytes) else {
            recovered(bytes)
            return
        }
        guard let again = try? JSONValue.parse(value.encoded) else { preconditionFailure("written JSON can't be read") }
        precondition(again.encoded == value.encoded, "written JSON is read as something else")
    }

    /// What was mended is refused for nothing but its depth, which the reader counts as well.
    private static func recovered(_ bytes: [UInt8]) {
        guard let value = try? JSONValue.recover(bytes) else {
            let isBracket = { (byte: UInt8) in byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") }
            precondition(
                bytes.filter(isBracket).count > 128 || !bytes.contains(where: isBracket), "mended JSON can't be read")
            return
        }
        precondition((try? JSONValue.parse(value.encoded)) == value, "mended JSON is read as something else")
    }

    /// A batch of the log whose checksums are right, so that only its decoder stands between a reader and what the batch claims:
    /// 4 bytes for the length before compression, one for the number of records, then what stands in the file.
    private static func batch(_ bytes: [UInt8]) {
        guard bytes.count > 5 else { return }
        let claimed = bytes.withUnsafeBytes { Int($0.half(0)) }
        let stored = bytes[5...]
        let made = BatchHeader(
            length: stored.count, firstPosition: 1, count: Int(bytes[4]), plainLength: claimed, milliseconds: 0,
            durable: 0,
            bodyChecksum: 0)
        var written = [UInt8](repeating: 0, count: 48)
        written.withUnsafeMutableBytes { made.store(in: $0, salt: 1) }
        guard let header = written.withUnsafeBytes({ BatchHeader($0, salt: 1) }) else { return }
        var decoder = BatchDecoder()
        stored.withUnsafeBytes { stored in
            guard let records = decoder.records(stored, of: header) else { return }
            let length = claimed == 0 ? stored.count : claimed
            precondition(
                records.count == length && length <= BatchDecoder.longestPlain, "another length than was claimed")
            var (next, sum) = (UInt64(1), 0)
            LogRecord.forEach(in: records, of: header) { record in
                precondition(record.position == next && next <= header.lastPosition, "records out of order")
                next += 1
                sum += record.bytes.count + 5
                // Touches the first and the last byte.
                _ = (record.bytes.first, record.bytes.last)
            }
            precondition(sum <= length, "records with more bytes than there are")
        }
    }

    private static func address(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let url = CanonicalURL.resolve(text, against: "https://example.org/a/b?c=d") else { return }
        guard let canonical = CanonicalURL.of(url) else { return }
        precondition(CanonicalURL.of(canonical) == canonical, "\(canonical) is not canonical yet")
    }
}
