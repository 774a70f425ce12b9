import Document
import JSON

/// Bytes to be turned into documents, with all that is known of them.
public struct NormaliserInput: Sendable {
    /// The bytes as they were fetched.
    public var bytes: [UInt8]
    /// The source's name.
    public var source: String
    /// Where the bytes came from.
    public var uri: String
    /// What makes the input the same thing when it comes again; without it the `uri` does.
    public var key: String?
    /// As declared, parameters included; nil where nobody said.
    public var mediaType: String?
    /// As declared by the fetcher.
    public var charset: String?
    /// Lower-case names.
    public var headers: [String: String] = [:]
    /// When the bytes were fetched.
    public var fetched: Timestamp?
    /// When the source says that they last changed.
    public var modified: Timestamp?
    /// How the bytes are cut into records.
    public var framing = Framing.whole
    /// The number of the first record.
    public var firstRecord: Int64 = 1
    /// What the bytes are put together from, where several things make one document.
    public var parts: [Part] = []
    /// The source's settings.
    public var settings = NormaliserSettings()

    /// Bytes of `source` that came from `uri`.
    public init(bytes: [UInt8], source: String, uri: String) {
        self.bytes = bytes
        self.source = source
        self.uri = uri
    }

    /// One of several things that follow each other in the bytes.
    public struct Part: Sendable {
        /// Whether it is a feed with the entry that the document is about, not the content itself.
        public var isEntry: Bool
        /// Bytes.
        public var length: Int
        /// Where the bytes came from.
        public var uri: String
        /// As declared; nil where nobody said.
        public var mediaType: String?
        /// As declared by the fetcher.
        public var charset: String?

        /// A part of `length` bytes that came from `uri`.
        public init(isEntry: Bool, length: Int, uri: String, mediaType: String? = nil, charset: String? = nil) {
            self.isEntry = isEntry
            self.length = length
            self.uri = uri
            self.mediaType = mediaType
            self.charset = charset
        }
    }

    /// How the bytes are cut into records.
    public enum Framing: String, Sendable { case whole, lines, nul, json }
}

/// A source's normalisation settings.
public struct NormaliserSettings: Sendable, Equatable {
    /// Names of the input's members by document field, for JSON records.
    public var fields: [String: String] = [:]
    /// The language of everything from the source (BCP 47), where it is known.
    public var language: String?
    /// Whether documents also hold Markdown.
    public var wantsMarkdown = false
    /// Whether documents also hold sanitised HTML.
    public var wantsHTML = false
    /// Whether the result says why it is what it is; only previews ask for it.
    public var explains = false

    /// The settings of a source that says nothing.
    public init() {}

    /// Reads the settings as they stand in a `normalise` message; what is not understood is passed over, since the
    /// configuration check has said so already.
    public init(_ settings: JSONValue) {
        for (field, name) in settings["fields"]?.object ?? [:] { fields[field] = name.string }
        language = settings["language"]?.string.flatMap(LanguageDetector.tag)
        let content = (settings["content"]?.array ?? []).compactMap(\.string)
        wantsMarkdown = content.contains("markdown")
        wantsHTML = content.contains("html")
        explains = settings["explain"]?.bool ?? false
    }
}
