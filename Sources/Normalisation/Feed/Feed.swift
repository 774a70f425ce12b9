import Document

/// A feed as it was read, before its entries become documents.
struct Feed {
    var format = ""
    var info = Document.Feed()
    var entries: [FeedEntry] = []
    /// Entries over the limit, which were not read.
    var dropped = 0
    var language: String?
    var authors: [String] = []
}

/// One entry of a feed.
struct FeedEntry {
    var id: String?
    var link: String?
    /// The guid where it may serve as a link.
    var permalink: String?
    var originalLink: String?
    var title: FeedText?
    var secondTitle: FeedText?
    var summary: FeedText?
    var content: FeedText?
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
    var bytes: [UInt8]
    var form: Form
    /// What relative references in it are relative to.
    var base: String?
}
