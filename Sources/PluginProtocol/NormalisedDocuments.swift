import Document
import JSON

/// The answer of a normaliser: what stands in the frame's body. Behind the documents' lines the body may hold their
/// fingerprints, ``Fingerprint/length`` bytes each.
public struct NormalisedDocuments: Sendable, Equatable {
    /// The job that is answered.
    public var job: Int64
    /// In the order of the body, one line each.
    public var documents: [Entry]
    /// Records that are no documents.
    public var rejected: [RejectedRecord]
    /// The feed itself where it has no entries: a JSON object, as `feed` of a document.
    public var emptyFeed: JSONValue?
    /// Why the documents are what they are, where the request's settings hold `"explain": true`.
    public var explanation: JSONValue?

    /// An answer to `job`.
    public init(
        job: Int64, documents: [Entry], rejected: [RejectedRecord] = [], emptyFeed: JSONValue? = nil,
        explanation: JSONValue? = nil
    ) {
        self.job = job
        self.documents = documents
        self.rejected = rejected
        self.emptyFeed = emptyFeed
        self.explanation = explanation
    }

    /// One document of the body, as far as the core needs to know it.
    public struct Entry: Sendable, Equatable {
        /// Stable for the same thing from the same source.
        public var id: DocumentID
        /// Of the normalised content.
        public var hash: ContentHash
        /// What near duplicates are found by; nil where the normaliser makes none.
        public var fingerprint: Fingerprint?
        /// Bytes of its line, without the line feed.
        public var length: Int

        /// A document of `length` bytes.
        public init(id: DocumentID, hash: ContentHash, fingerprint: Fingerprint? = nil, length: Int) {
            self.id = id
            self.hash = hash
            self.fingerprint = fingerprint
            self.length = length
        }
    }

    /// A record that is no document.
    public struct RejectedRecord: Sendable, Equatable {
        /// Its number in the item, from 1.
        public var record: Int64
        /// Why it is no document, for people.
        public var reason: String

        /// Record number `record`, refused for `reason`.
        public init(record: Int64, reason: String) {
            self.record = record
            self.reason = reason
        }
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("job", job)
        writer.key("documents")
        writer.beginArray()
        for entry in documents {
            writer.beginObject()
            writer.member("id", entry.id.description)
            writer.member("hash", entry.hash.description)
            writer.member("length", entry.length)
            writer.endObject()
        }
        writer.endArray()
        if hasFingerprints { writer.member("fingerprints", true) }
        writer.member("feed", emptyFeed)
        writer.member("explanation", explanation)
        guard !rejected.isEmpty else { return }
        writer.key("rejected")
        writer.beginArray()
        for record in rejected {
            writer.beginObject()
            writer.member("record", record.record)
            writer.member("reason", record.reason)
            writer.endObject()
        }
        writer.endArray()
    }

    private var hasFingerprints: Bool { !documents.isEmpty && documents.allSatisfy { $0.fingerprint != nil } }

    /// What follows the documents' lines in the body; empty where a document has no fingerprint.
    public var fingerprintBytes: [UInt8] {
        hasFingerprints ? documents.flatMap { $0.fingerprint?.bytes ?? [] } : []
    }

    init(_ header: HeaderReader, body: [UInt8]) throws(ProtocolError) {
        job = try header.integer("job")
        documents = []
        rejected = []
        if header["feed"]?.object != nil { emptyFeed = header["feed"] }
        if header["explanation"]?.object != nil { explanation = header["explanation"] }
        guard let entries = header["documents"]?.array else {
            throw ProtocolError("sent documents without \"documents\"")
        }
        documents.reserveCapacity(entries.count)
        var total = 0
        for entry in entries {
            guard let id = entry["id"]?.string.flatMap(DocumentID.init),
                let hash = entry["hash"]?.string.flatMap(ContentHash.init),
                let length = entry["length"]?.integer, length > 1, length <= Int64(body.count)
            else { throw ProtocolError("sent a document entry without a proper id, hash or length") }
            total += Int(length) + 1
            documents.append(Entry(id: id, hash: hash, length: Int(length)))
        }
        let lines = total
        let hasFingerprints = header["fingerprints"]?.bool == true
        if hasFingerprints { total += documents.count * Fingerprint.length }
        guard total == body.count else {
            throw ProtocolError("sent entries for \(total) bytes with a body of \(body.count)")
        }
        if hasFingerprints {
            body.withUnsafeBytes { bytes in
                for index in documents.indices {
                    let start = lines + index * Fingerprint.length
                    documents[index].fingerprint = Fingerprint(
                        bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + Fingerprint.length]))
                }
            }
        }
        for record in header["rejected"]?.array ?? [] {
            guard let number = record["record"]?.integer, let reason = record["reason"]?.string else {
                throw ProtocolError("sent a rejected record without its number or reason")
            }
            rejected.append(RejectedRecord(record: number, reason: reason))
        }
    }
}
