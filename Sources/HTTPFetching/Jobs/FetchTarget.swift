/// Something to fetch.
struct FetchTarget {
    /// Why it is fetched.
    enum Role: Equatable {
        /// The configuration names it.
        case configured
        /// It lists other addresses; so many indexes led to it.
        case sitemap(depth: Int)
        /// A sitemap lists it.
        case entry
    }

    var address: WebAddress
    /// The configured address that led here: credentials are only for its origin.
    var configured: WebAddress
    var role: Role
    /// What was remembered of the address when the job began.
    var state: AddressState
    /// The `lastmod` that the sitemap has for it; empty where it is listed without one.
    var listed: String?
}
