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

    let address: WebAddress
    /// The configured address that led here: credentials are only for its origin.
    var configured: WebAddress
    var role: Role
    /// What was remembered of the address when the job began.
    let state: AddressState
    /// Where it is asked for first: where it has moved to, once that was seen often enough.
    let start: WebAddress
    /// The `lastmod` that the sitemap has for it; empty where it is listed without one.
    var listed: String?

    init(address: WebAddress, configured: WebAddress, role: Role, state: AddressState, listed: String? = nil) {
        self.address = address
        self.configured = configured
        self.role = role
        self.state = state
        self.listed = listed
        start = state.settledMove.flatMap { try? WebAddress($0) } ?? address
    }
}
