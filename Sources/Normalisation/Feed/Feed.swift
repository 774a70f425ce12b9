import Document

/// What a feed says of itself.
struct Feed {
    /// What its entries share.
    struct Shared: Equatable {
        var info = Document.Feed()
        var language: String?
        var authors: [String] = []
    }

    var format = ""
    var shared = Shared()
    /// Entries that were read.
    var entries = 0
    /// Entries over the limit, which were not read.
    var dropped = 0
}

/// One entry of a feed.
struct FeedEntry {
    var id: String?
    var link: String?
    /// The guid where it may serve as a link.
    var permalink: String?
    var originalLink: String?
    /// A link to another form of the entry, for want of a page.
    var secondLink: String?
    var title: FeedText?
    var secondTitle: FeedText?
    var summary: FeedText?
    /// One line about it, where it says nothing more.
    var subtitle: FeedText?
    var content: FeedText?
    /// Whether the summary is from an element of that name, not of another vocabulary.
    var hasOwnSummary = false
    var authors: [String] = []
    var published: Timestamp?
    var modified: Timestamp?
    var created: Timestamp?
    var date: Timestamp?
    var tags: [String] = []
    var enclosures: [Document.Enclosure] = []
    var images: [Document.Image] = []
    var language: String?
    /// What relative references in this entry are relative to.
    var base: String?
}

/// Text of a feed and how it is meant.
struct FeedText {
    enum Form { case plain, html }
    /// UTF-8; of the feed itself where it stands there as it is, without a copy.
    var bytes: ArraySlice<UInt8>
    var form: Form
    /// What relative references in it are relative to.
    var base: String?
}

extension FeedText {
    init(_ text: String, _ form: Form, base: String? = nil) {
        self.init(bytes: Array(text.utf8)[...], form: form, base: base)
    }
}
