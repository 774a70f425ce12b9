/// What the fetcher knows of one host, over all sources that fetch from it. The place for everything that is to be
/// polite: today how many transfers go there at a time.
final class Host {
    let name: String
    /// Transfers on their way.
    var active = 0
    /// Jobs whose next transfer waits for one of these to end.
    var waiting: [FetchJob] = []

    init(name: String) { self.name = name }

    /// Whether nothing needs this object any more.
    var isIdle: Bool { active == 0 && waiting.isEmpty }
}
