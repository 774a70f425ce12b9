import Document
import JSON

/// The search for a page's feeds.
final class FeedSearch: Equatable {
    /// What is still to be tried, and whether that is only where feeds usually are.
    var left: Deque<WebAddress>
    var isGuess: Bool
    var found: [WebAddress] = []
    /// What kept a feed from being looked at that may be one.
    var problem: FetchFailure?

    init(_ candidates: [WebAddress], isGuess: Bool) {
        left = []
        for candidate in candidates { left.append(candidate) }
        self.isGuess = isGuess
    }

    static func == (one: FeedSearch, other: FeedSearch) -> Bool { one === other }
}

/// A page whose feeds are the source.
extension FetchJob {
    /// Seconds after which a page is looked at again, whether its feeds are others now.
    private static let longestTrust = 7.0 * 86_400

    /// The feeds that an earlier run found for a configured page, and when.
    private func knownFeeds(of page: WebAddress) -> (feeds: [WebAddress], isTrusted: Bool) {
        let json = request.state[StateKey.feeds(of: page.text)]
        let feeds = (json?["feeds"]?.array ?? []).prefix(FeedDiscovery.most).compactMap { value in
            value.string.flatMap { try? WebAddress($0) }
        }
        let looked = json?["looked"]?.string.flatMap { Timestamp(rfc3339: $0) }
        // Another answer than the one that is wanted now is none.
        let isSame = json?["all"]?.bool == (settings.discovery == .feeds)
        let isTrusted = looked.map { $0.adding(Self.longestTrust) > .now && $0 <= .now } ?? false
        return isSame ? (feeds, isTrusted && !feeds.isEmpty) : ([], false)
    }

    /// The feeds of all configured pages, with their page.
    var discoveredFeeds: [(feed: WebAddress, page: WebAddress)] {
        guard settings.discovery != .nothing else { return [] }
        return addresses.flatMap { page in knownFeeds(of: page).feeds.map { ($0, page) } }
    }

    /// Queues what an earlier run found for a page; false where the page itself is to be looked at.
    func queueKnownFeeds(of page: WebAddress) -> Bool {
        guard settings.discovery != .nothing else { return false }
        let (feeds, isTrusted) = knownFeeds(of: page)
        // Their marks are kept whether or not they are asked for now.
        for feed in feeds { seen.insert(feed.text) }
        guard isTrusted else { return false }
        for feed in feeds { queue(feed: feed, of: page, nil) }
        return true
    }

    private func queue(feed: WebAddress, of page: WebAddress, _ search: FeedSearch?) {
        seen.insert(feed.text)
        queue(FetchTarget(address: feed, configured: page, role: .feed(search), state: state(of: feed)))
    }

    /// Looks whether an answer is a feed, and goes on looking where it is none.
    /// - Returns: whether the answer is to be taken.
    func takesDiscovered(_ answer: Answer, _ target: FetchTarget) -> Bool {
        guard settings.discovery != .nothing, target.isSource, !target.isFound else { return true }
        let kind = AddressKind(
            answer.body, mediaType: answer.type?.mediaType, charset: answer.type?.charset, at: answer.place)
        if case .feed = kind {
            if case .feed(let search?) = target.role {
                search.found.append(target.address)
                goOn(search, of: target.configured)
            } else if target.role == .configured {
                keep([target.address], of: target.address)
            }
            return true
        }
        switch target.role {
        case .feed(nil): lookAgain(target)
        case .feed(let search?):
            (fetched, total) = (fetched - 1, total - 1)
            goOn(search, of: target.configured)
        default:
            guard case .page(let feeds) = kind else {
                fetched -= 1
                failures.append(
                    FetchFailure(
                        .configuration, "\(answer.place.text) is neither a page nor a feed, so that it has no feed",
                        remedy: "leave `discover` out, or set `url` to the page"))
                return false
            }
            let candidates = feeds.compactMap { try? WebAddress($0.url) }
            goOn(FeedSearch(candidates, isGuess: false), of: target.address)
        }
        return false
    }

    /// Tries the next address, or ends the search.
    private func goOn(_ search: FeedSearch, of page: WebAddress) {
        let isEnough = settings.discovery == .feed && !search.found.isEmpty
        if search.left.isEmpty, search.found.isEmpty, !search.isGuess {
            search.isGuess = true
            for place in FeedDiscovery.usualPlaces(of: page) { search.left.append(place) }
        }
        while !isEnough, !(search.isGuess && !search.found.isEmpty), let next = search.left.popFirst() {
            guard search.found.allSatisfy({ $0.text != next.text }) else { continue }
            return queue(feed: next, of: page, search)
        }
        guard search.found.isEmpty else {
            keep(search.found, of: page)
            note(
                "\(page.text): its feed\(search.found.count == 1 ? " is" : "s are") "
                    + search.found.map(\.text).joined(separator: ", "))
            return
        }
        failures.append(
            search.problem
                ?? FetchFailure(
                    .permanent, "\(page.text) names no feed, and has none where feeds usually are",
                    remedy: "set `url` to the feed, or leave `discover` out to take the page itself"))
    }

    private func keep(_ feeds: [WebAddress], of page: WebAddress) {
        stateChanges[StateKey.feeds(of: page.text)] = .object([
            "looked": .string(Timestamp.now.description), "feeds": .array(feeds.map { .string($0.text) }),
            "all": .bool(settings.discovery == .feeds),
        ])
    }

    /// A feed that was known is there no more: its page may name another.
    private func lookAgain(_ target: FetchTarget) {
        let page = target.configured
        stateChanges[StateKey.feeds(of: page.text)] = .null
        stateChanges[target.address.text] = .null
        note("\(target.address.text) is no feed any more: \(page.text) is looked at again")
        // Once, whatever number of its feeds are gone.
        guard lookedAgain.insert(page.text).inserted else { return }
        queue(FetchTarget(address: page, configured: page, role: .configured, state: AddressState()))
    }

    /// What failed is no end where it was one of several places.
    /// - Returns: whether something else is tried instead.
    func looksElsewhere(_ target: FetchTarget, _ failure: FetchFailure, isDead: Bool) -> Bool {
        guard settings.discovery != .nothing else { return false }
        switch target.role {
        case .feed(let search?):
            total -= 1
            if !isDead, !search.isGuess { search.problem = search.problem ?? failure }
            goOn(search, of: target.configured)
            return true
        case .feed(nil):
            guard isDead else { return false }
            fetched += 1
            lookAgain(target)
            return true
        case .configured:
            // What is known goes on to be the source as long as the page says nothing else.
            let known = knownFeeds(of: target.address).feeds
            let isOpen = known.filter { feed in stateChanges[feed.text] != .null }
            guard !isOpen.isEmpty else { return false }
            fetched += 1
            note("\(failure.message): its feeds are taken as they were")
            for feed in isOpen { queue(feed: feed, of: target.address, nil) }
            return true
        default: return false
        }
    }
}
