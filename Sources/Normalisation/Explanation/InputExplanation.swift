import Charset
import JSON

/// Why an input was taken for what it was: the outer part of what `preview --explain` shows.
enum InputExplanation {
    /// The members `taken_for`, `because`, `charset`, and those of `inner`, the explanation of a page.
    static func make(
        _ kind: ContentKind, _ ground: ContentKind.Ground, _ input: NormaliserInput, inner: JSONValue?
    ) -> JSONValue {
        var members = inner?.object ?? [:]
        members["taken_for"] = .string(kind.name)
        members["because"] = .string("of " + ground.rawValue)
        if let declared = input.mediaType ?? input.headers["content-type"] { members["declared"] = .string(declared) }
        if let encodingKind = kind.encodingKind {
            let detection = EncodingDetection.detect(
                input.bytes, transport: input.declaredCharset, kind: encodingKind)
            members["charset"] = [
                "name": .string(detection.encoding.name), "because": .string("of " + detection.origin.name),
            ]
        }
        return .object(members)
    }
}

extension EncodingDetection.Origin {
    fileprivate var name: String {
        switch self {
        case .byteOrderMark: "its byte order mark"
        case .transport: "the transport or the caller"
        case .declaration: "its own declaration"
        case .content: "its bytes"
        }
    }
}

extension ContentKind {
    /// A word or two for people.
    fileprivate var name: String {
        switch self {
        case .feed: "feed"
        case .jsonFeed: "JSON feed"
        case .sitemap: "sitemap"
        case .html: "page"
        case .text: "plain text"
        case .markdown: "Markdown"
        case .records: "records"
        case .record: "JSON, one record or an array of them"
        case .document(let format): format.rawValue
        case .failure: "nothing that is known"
        }
    }

    fileprivate var encodingKind: EncodingDetection.Kind? {
        switch self {
        case .feed: .xml
        case .html: .html
        case .jsonFeed, .text, .markdown: .plain
        default: nil
        }
    }
}
