import JSON

/// What the core knows of a document besides its bytes: its place in the log and how it relates to earlier ones.
///
/// A document is encoded once in its life, by the normaliser. The core's own fields are set in front of the first
/// member when the document is read back, so the rest is never parsed or encoded again.
public struct DocumentEnvelope: Sendable, Equatable {
    /// 1, then one more each time the content of the same id changes.
    public var revision: Int
    /// The id of the document that this one repeats.
    public var duplicateOf: DocumentID?
    /// 1 for the same content, less for nearly the same; only with `duplicateOf`.
    public var similarity: Double?

    /// An envelope for a document's revision.
    public init(revision: Int, duplicateOf: DocumentID? = nil, similarity: Double? = nil) {
        self.revision = revision
        self.duplicateOf = duplicateOf
        self.similarity = similarity
    }

    /// Appends the whole document as one line of JSON, the core's fields first, and a line feed.
    ///
    /// - Parameters:
    ///   - document: the object that the normaliser wrote, `{"id":…}`.
    ///   - position: its place in the log.
    public func appendLine(
        of document: UnsafeBufferPointer<UInt8>, position: UInt64, to output: inout [UInt8]
    ) {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.member("position", position)
        writer.member("revision", revision)
        if let duplicateOf {
            writer.member("duplicate_of", duplicateOf.description)
            if let similarity {
                writer.key("similarity")
                writer.number(similarity)
            }
        }
        output.append(contentsOf: writer.bytes)
        output.append(UInt8(ascii: ","))
        output.append(contentsOf: document.dropFirst())
        output.append(UInt8(ascii: "\n"))
    }
}
