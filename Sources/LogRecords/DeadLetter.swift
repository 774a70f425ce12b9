import Document
import JSON
import PluginProtocol

/// Something that came to nothing: an item, one of its records, or a document that a sink would not have.
///
/// Kept as one line of JSON and, behind it, the bytes of the item where they are not too many.
package struct DeadLetter {
    /// Bytes of an item that are kept with its dead letter.
    package static let keptBytes = 1 << 20

    package var source: String
    package var uri: String
    package var reason: String
    package var attempts: Int
    package var time: Timestamp
    /// The number of the record within the item.
    package var record: Int64?
    /// The sink that refused the document.
    package var sink: String?
    package var mediaType: String?
    package var body: [UInt8] = []

    package var encoded: [UInt8] {
        var writer = JSONWriter(capacity: 256 + min(body.count, Self.keptBytes))
        writer.beginObject()
        writer.member("source", source)
        writer.member("uri", uri)
        writer.member("reason", reason)
        writer.member("attempts", attempts)
        writer.member("time", time.description)
        writer.member("record", record)
        writer.member("sink", sink)
        writer.member("media_type", mediaType)
        writer.member("size", body.count)
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
        writer.bytes.append(contentsOf: body.prefix(Self.keptBytes))
        return writer.bytes
    }

    package init(
        source: String, uri: String, reason: String, attempts: Int = 1, record: Int64? = nil, sink: String? = nil,
        mediaType: String? = nil, body: [UInt8] = []
    ) {
        self.source = source
        self.uri = uri
        self.reason = reason
        self.attempts = attempts
        self.record = record
        self.sink = sink
        self.mediaType = mediaType
        self.body = body
        time = .now
    }

    /// Reads a record; the kept bytes, perhaps cut, become the body.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let json = try? JSONValue.parse(UnsafeRawBufferPointer(rebasing: bytes[..<end]).bindMemory(to: UInt8.self)),
            let source = json["source"]?.string
        else { return nil }
        self.source = source
        uri = json["uri"]?.string ?? ""
        reason = json["reason"]?.string ?? ""
        attempts = Int(clamping: json["attempts"]?.integer ?? 1)
        time = json["time"]?.string.flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(seconds: 0)
        record = json["record"]?.integer
        sink = json["sink"]?.string
        mediaType = json["media_type"]?.string
        body = Array(bytes[(end + 1)...])
    }
}
