import Charset
import Document
import HTML
import JSON

/// Turns bytes into documents. Holds buffers and contexts that stay warm, so one is made for each worker.
public final class Normaliser {
    /// Bytes that a packed input may unpack to.
    public static let maximumUnpackedSize = 256 << 20

    let finisher: DocumentFinisher

    /// Nil when libcrypto offers no SHA-256.
    public init?() {
        guard let digest = SHA256() else { return nil }
        finisher = DocumentFinisher(digest: digest)
    }

    /// Turns one input into documents. Never throws: what can't be used is a failure with its reason.
    public func normalise(_ input: NormaliserInput) -> NormaliserResult {
        if !input.parts.isEmpty { return PartsNormaliser(self, input).run() }
        var input = input
        if Unpacking.isGzip(input.bytes) {
            switch Unpacking.gzip(input.bytes, limit: Self.maximumUnpackedSize) {
            case .bytes(let bytes):
                input.bytes = bytes
                if input.mediaType.map(MediaType.essence) == "application/gzip" { input.mediaType = nil }
            case .failure(let reason): return .failed(reason)
            }
        }
        if input.framing != .whole {
            var result = RecordNormaliser(finisher, input).run()
            if input.settings.explains {
                result.explanation = InputExplanation.make(.records, .framing, input, inner: nil)
            }
            return result
        }
        let (kind, ground) = ContentKind.decide(input)
        var result = run(kind, input)
        if input.settings.explains {
            result.explanation = InputExplanation.make(kind, ground, input, inner: result.explanation)
        }
        return result
    }

    private func run(_ kind: ContentKind, _ input: NormaliserInput) -> NormaliserResult {
        switch kind {
        case .failure(let reason): return .failed(reason)
        case .records:
            var input = input
            input.framing = .json
            return RecordNormaliser(finisher, input).run()
        case .record:
            return RecordNormaliser(finisher, input).runWhole()
        case .feed(let isDeclared): return feed(input, isDeclared: isDeclared)
        case .jsonFeed: return jsonFeed(input)
        case .sitemap:
            return .failed("a sitemap, which lists pages and is none; remedy: fetch it with discover = \"sitemap\"")
        case .html: return page(input)
        case .document(let format): return DocumentNormaliser(finisher, input, format).run()
        case .text: return text(input, isMarkdown: false)
        case .markdown: return text(input, isMarkdown: true)
        }
    }

    /// Entries of a feed, read with all their fields but not made documents of; for measurements.
    public func countFeedEntries(_ input: NormaliserInput) -> Int {
        FeedParser.parse(decoded(input, .xml).bytes, base: input.base) { _, _ in }?.entries ?? 0
    }

    private func decoded(_ input: NormaliserInput, _ kind: EncodingDetection.Kind) -> (bytes: [UInt8], charset: String)
    {
        let detection = EncodingDetection.detect(input.bytes, transport: input.declaredCharset, kind: kind)
        let bytes = detection.isPlainUTF8 ? input.bytes : Decoder.decode(input.bytes, as: detection.encoding)
        return (bytes, detection.encoding.name)
    }

    private func feed(_ input: NormaliserInput, isDeclared: Bool) -> NormaliserResult {
        let (bytes, charset) = decoded(input, .xml)
        var normaliser = FeedNormaliser(finisher, input, charset: charset)
        if let result = normaliser.run({ take in FeedParser.parse(bytes, base: input.base, take) }) { return result }
        // A page under the address of a feed is common; it is said rather than stored as a page.
        let what = ContentKind.looksLikeHTML(bytes) ? "an HTML page" : "neither RSS, Atom, RDF nor CDF"
        return .failed("declared as a feed, but it is \(what); remedy: check the source's address")
    }

    private func jsonFeed(_ input: NormaliserInput) -> NormaliserResult {
        let (bytes, charset) = decoded(input, .plain)
        var normaliser = FeedNormaliser(finisher, input, charset: charset)
        do throws(JSONError) {
            return try normaliser.run { (take) throws(JSONError) in try JSONFeed.parse(bytes, base: input.base, take) }
                ?? NormaliserResult()
        } catch {
            return .failed("a JSON feed that can't be read: \(error)")
        }
    }

    private func page(_ input: NormaliserInput) -> NormaliserResult {
        var input = input
        // What the parser would not read need not be decoded.
        let limit = HTMLLimits().bytes
        if input.bytes.count > limit { input.bytes = Array(input.bytes[..<limit]) }
        let (bytes, charset) = decoded(input, .html)
        return PageNormaliser(finisher, input, charset: charset).run(bytes)
    }

    private func text(_ input: NormaliserInput, isMarkdown: Bool) -> NormaliserResult {
        let (bytes, charset) = decoded(input, .plain)
        return PlainTextNormaliser(finisher, input, charset: charset).run(bytes, isMarkdown: isMarkdown)
    }
}

extension NormaliserInput {
    /// What relative references in the input are relative to.
    var base: String? {
        guard let location = headers["content-location"].flatMap({ CanonicalURL.resolve($0, against: uri) }),
            location.hasPrefix("http")
        else { return uri }
        return location
    }

    /// The charset that the fetcher or the transport's header named.
    var declaredCharset: String? {
        charset ?? mediaType.flatMap { MediaType.parameter("charset", of: $0) }
            ?? headers["content-type"].flatMap { MediaType.parameter("charset", of: $0) }
    }

    /// What the input is the same as when it comes again.
    var identity: String { key ?? uri }
}
