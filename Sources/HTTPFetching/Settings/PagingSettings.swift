/// How an answer leads to the one that continues it.
struct PagingSettings: Sendable {
    /// Where the next address stands.
    enum Next: Sendable {
        /// In the `Link` header, or as `rel="next"` in a page or feed.
        case link
        /// In a JSON body: an address, or a value for `parameter`.
        case pointer(JSONPointer)
    }

    var next = Next.link
    /// The parameter of the configured address that takes what the pointer finds.
    var parameter: String?
    /// Answers of one run, or of one article, the first included.
    var limit = 20
    /// Whether the pages that continue each other become one document.
    var merges = false
}
