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
    public var headers: [String: String] = [:]
    /// When the bytes were read.
    public var fetched: Timestamp?
    /// When they last changed, as their origin says.
    public var modified: Timestamp?
    /// How the body is cut into records.
    public var records: RecordFraming = .whole
    /// The number of the body's first record.
    public var firstRecord: Int64 = 1

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
        if !headers.isEmpty { writer.member("headers", JSONValue.object(headers.mapValues { .string($0) })) }
        writer.member("fetched", fetched?.description)
        writer.member("modified", modified?.description)
        if records != .whole { writer.member("records", records.rawValue) }
        if firstRecord != 1 { writer.member("first_record", firstRecord) }
    }

    init(_ header: HeaderReader) throws(ProtocolError) {
        uri = try header.string("uri")
        key = header.optionalString("key")
        mediaType = header.optionalString("media_type")
        charset = header.optionalString("charset")
        headers = (header["headers"]?.object ?? [:]).compactMapValues { $0.string }
        fetched = try header.timestamp("fetched")
        modified = try header.timestamp("modified")
        if let framing = header.optionalString("records") {
            guard let known = RecordFraming(rawValue: framing) else {
                throw ProtocolError("sent \"records\": \"\(framing)\"; known are whole, lines, nul and json")
            }
            records = known
        }
        firstRecord = header["first_record"]?.integer ?? 1
    }
}
