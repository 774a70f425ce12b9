import Document
import JSON

/// What a fetcher knows of the bytes that it brings.
public struct ItemDescription: Sendable, Equatable {
    /// Where the bytes came from.
    public var uri: String
    /// What makes the item the same thing when it comes again; without it the `uri` does.
    public var key: String?
    /// Without parameters; nil when the fetcher can not know.
    public var mediaType: String?
    /// As the transport named it, by any of its labels.
    public var charset: String?
    /// Lower-case names.
    public var headers = NamedTexts()
    /// When the bytes were read.
    public var fetched: Timestamp?
    /// When they last changed, as their origin says.
    public var modified: Timestamp?
    /// How the body is cut into records.
    public var records: RecordFraming = .whole
    /// The number of the body's first record.
    public var firstRecord: Int64 = 1
    /// What the body is put together from, where several things make one document; empty where it is one thing.
    public var parts: [ItemPart] = []

    /// An item from `uri`.
    public init(uri: String, key: String? = nil, mediaType: String? = nil) {
        self.uri = uri
        self.key = key
        self.mediaType = mediaType
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("uri", uri)
        writer.member("key", key)
        writer.member("media_type", mediaType)
        writer.member("charset", charset)
        writer.member("headers", headers)
        writer.member("fetched", fetched?.description)
        writer.member("modified", modified?.description)
        if records != .whole { writer.member("records", records.rawValue) }
        if firstRecord != 1 { writer.member("first_record", firstRecord) }
        if !parts.isEmpty { writer.member("parts", JSONValue.array(parts.map(\.json))) }
    }

    init(_ header: HeaderReader) throws(ProtocolError) {
        uri = try header.string("uri")
        key = header.optionalString("key")
        mediaType = header.optionalString("media_type")
        charset = header.optionalString("charset")
        headers = NamedTexts(header["headers"])
        fetched = try header.timestamp("fetched")
        modified = try header.timestamp("modified")
        if let framing = header.optionalString("records") {
            guard let known = RecordFraming(rawValue: framing) else {
                throw ProtocolError("sent \"records\": \"\(framing)\"; known are whole, lines, nul and json")
            }
            records = known
        }
        firstRecord = header["first_record"]?.integer ?? 1
        for value in header["parts"]?.array ?? [] { parts.append(try ItemPart(value)) }
    }
}

/// One of several things that follow each other in an item's body and make one document together.
public struct ItemPart: Sendable, Equatable {
    /// What a part is to the document.
    public enum Kind: String, Sendable {
        /// A feed with the one entry that the document is about.
        case entry
        /// The content; several continue each other.
        case page
    }

    /// What it is to the document.
    public var kind: Kind
    /// Bytes of the body.
    public var length: Int
    /// Where the bytes came from.
    public var uri: String
    /// Without parameters; nil when the fetcher can not know.
    public var mediaType: String?
    /// As the transport named it, by any of its labels.
    public var charset: String?

    /// A part of `length` bytes.
    public init(_ kind: Kind, length: Int, uri: String, mediaType: String? = nil, charset: String? = nil) {
        self.kind = kind
        self.length = length
        self.uri = uri
        self.mediaType = mediaType
        self.charset = charset
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": .string(kind.rawValue), "length": .integer(Int64(length)), "uri": .string(uri),
        ]
        members["media_type"] = mediaType.map { .string($0) }
        members["charset"] = charset.map { .string($0) }
        return .object(members)
    }

    fileprivate init(_ json: JSONValue) throws(ProtocolError) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init), let uri = json["uri"]?.string,
            let length = json["length"]?.integer.flatMap(Int.init(exactly:)), length >= 0
        else { throw ProtocolError("sent a part without a proper kind, length or uri") }
        self.init(
            kind, length: length, uri: uri, mediaType: json["media_type"]?.string, charset: json["charset"]?.string)
    }
}
