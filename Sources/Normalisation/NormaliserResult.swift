import Document
import JSON

/// What became of an input.
public struct NormaliserResult: Sendable {
    /// The documents, one line of canonical JSON each, every line ended by a line feed.
    public var body: [UInt8] = []
    /// The documents' headers, in the order of the lines.
    public var documents: [Entry] = []
    /// Records that are no documents.
    public var rejected: [Rejection] = []
    /// Why nothing could be made of the input; then there are no documents.
    public var failure: String?
    /// The feed that was read, also where it has no entries.
    public var feed: Document.Feed?

    /// Why the documents are what they are, where the settings ask for it.
    public var explanation: JSONValue?

    /// A result without documents.
    public init() {}

    static func failed(_ reason: String) -> NormaliserResult {
        var result = NormaliserResult()
        result.failure = reason
        return result
    }

    /// What the core needs to know of a document.
    public struct Entry: Sendable, Equatable {
        /// The document's id.
        public var id: DocumentID
        /// SHA-256 of its content.
        public var hash: ContentHash
        /// For near duplicates.
        public var fingerprint: Fingerprint
        /// Bytes of the line without its line feed.
        public var length: Int

        init(id: DocumentID, identity: ContentIdentity, length: Int) {
            self.id = id
            hash = identity.hash
            fingerprint = identity.fingerprint
            self.length = length
        }
    }

    /// A record that can't become a document.
    public struct Rejection: Sendable, Equatable {
        /// Its number.
        public var record: Int64
        /// Why, in words.
        public var reason: String
    }
}
