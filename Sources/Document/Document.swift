/// One piece of content, clean and complete: what Millrace makes of everything that comes in.
///
/// Absent means unknown: a field is never guessed into being, and an empty string never stands for absent. The fields
/// `position`, `revision`, `duplicate_of` and `similarity` belong to the core, which adds them when a document is read
/// back from the log (``DocumentEnvelope``); everything here is made by the normaliser.
public struct Document: Sendable, Equatable {
    /// Stable for the same thing from the same source.
    public var id: DocumentID
    /// The id that the source itself gives, such as a feed entry's guid.
    public var sourceID: String?
    /// The name of the source.
    public var source: String
    /// Where the bytes came from.
    public var uri: String
    /// The canonical URL: no fragment, no tracking parameters, normal form.
    public var url: String?
    /// 1, 2, … where one input held several documents.
    public var part: Int?
    /// Without the site's name.
    public var title: String?
    /// People and organisations, each by name alone.
    public var authors: [String] = []
    /// The name of the site or publication.
    public var site: String?
    /// What the source itself gives as a summary; never made from the text.
    public var summary: String?
    /// Keywords and categories, as the source writes them, each once.
    public var tags: [String] = []
    /// BCP 47.
    public var language: String?
    /// When it first appeared.
    public var published: Timestamp?
    /// When it last changed, as it says itself.
    public var modified: Timestamp?
    /// When its bytes were read.
    public var fetched: Timestamp?
    /// Paragraphs and headings separated by one blank line, in Unicode NFC.
    public var text: String?
    /// The same content as CommonMark, where the source asks for it.
    public var markdown: String?
    /// The same content as sanitised HTML, where the source asks for it.
    public var html: String?
    /// Pictures in the content, in their order.
    public var images: [Image] = []
    /// Absolute addresses that the content links to, each once.
    public var links: [String] = []
    /// Files that come with it.
    public var enclosures: [Enclosure] = []
    /// The feed that it stood in.
    public var feed: Feed?
    /// Media type of the original, without parameters.
    public var mediaType: String?
    /// Character encoding of the original, by its WHATWG name.
    public var charset: String?
    /// SHA-256 of the content, without what changes around it (docs/normalisation.md, "Sameness").
    public var hash: ContentHash?
    /// How its text was found.
    public var extraction: Extraction?

    /// A document of which nothing is known yet but where it comes from.
    public init(id: DocumentID, source: String, uri: String) {
        self.id = id
        self.source = source
        self.uri = uri
    }

    /// A picture in the content.
    public struct Image: Sendable, Equatable {
        /// Absolute.
        public var url: String?
        /// The text below it, or its alternative text.
        public var caption: String?
        /// Who made it, as the page says.
        public var credit: String?
        /// Pixels.
        public var width: Int?
        /// Pixels.
        public var height: Int?

        /// An image of which only the given parts are known.
        public init(
            url: String? = nil, caption: String? = nil, credit: String? = nil, width: Int? = nil, height: Int? = nil
        ) {
            self.url = url
            self.caption = caption
            self.credit = credit
            self.width = width
            self.height = height
        }
    }

    /// A file that a feed entry brings along.
    public struct Enclosure: Sendable, Equatable {
        /// Absolute.
        public var url: String
        /// Media type.
        public var type: String?
        /// Bytes.
        public var length: Int64?

        /// An enclosure at `url`.
        public init(url: String, type: String? = nil, length: Int64? = nil) {
            self.url = url
            self.type = type
            self.length = length
        }
    }

    /// The feed that an entry stood in. Members beyond title and url are the feed's own, as it gives them.
    public struct Feed: Sendable, Equatable {
        /// Without the site's name.
        public var title: String?
        /// Absolute.
        public var url: String?
        /// The feed's own id.
        public var sourceID: String?
        /// Who is responsible for the whole feed.
        public var author: String?
        /// What the source itself gives as a summary; never made from the text.
        public var summary: String?
        /// BCP 47, as the feed says.
        public var language: String?
        /// When it first appeared.
        public var published: Timestamp?
        /// When it last changed, as it says itself.
        public var modified: Timestamp?

        /// A feed of which nothing is known yet.
        public init() {}
    }

    /// How the text was found.
    public struct Extraction: Sendable, Equatable {
        /// A short name, such as `article`, `feed`, `plain-text`.
        public var method: String
        /// 0 to 1.
        public var confidence: Double?

        /// An extraction by `method`.
        public init(method: String, confidence: Double? = nil) {
            self.method = method
            self.confidence = confidence
        }
    }
}
