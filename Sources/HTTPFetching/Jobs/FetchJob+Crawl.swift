import JSON
import PluginProtocol

/// A bounded crawl: links followed from page to page of one site.
///
/// What is known of a page, and what was found and not yet fetched, stands in the source's state, so that a crawl of any
/// size goes on over many runs: each takes `limit` pages, those that are new before those that are looked at again.
extension FetchJob {
    /// Pages that one source remembers, those that are still to be fetched included.
    private static let mostKnown = 20_000

    /// Queues the pages that are known, in any order, so that all get their turn where one run can't look at all.
    func beginCrawl() {
        guard settings.crawl != nil else { return }
        knowsAllPages = false
        var known: [(WebAddress, AddressState)] = []
        for (key, json) in request.state where StateKey.isAddress(key) {
            knownCount += 1
            let state = AddressState(json)
            guard state.depth != nil, !state.isDead, !seen.contains(key), let address = try? WebAddress(key) else {
                continue
            }
            known.append((address, state))
        }
        knownCount += request.state.keys.count { $0.hasPrefix(StateKey.foundPrefix) }
        known.shuffle()
        // Room for news: a page that is forgotten and linked to is found again, and recognised.
        if knownCount > Self.mostKnown / 10 * 9 {
            for (address, _) in known.prefix(Self.mostKnown / 10) { stateChanges[address.text] = .null }
            known.removeFirst(min(known.count, Self.mostKnown / 10))
        }
        for (address, state) in known {
            guard let configured = addresses.first(where: { address.isSameSite(as: $0) }) else { continue }
            revisits.append(
                FetchTarget(
                    address: address, configured: configured, role: .link(depth: state.depth ?? 0), state: state))
        }
    }

    /// Lets known pages be looked at again once all that is new has been fetched.
    func queueRevisits() {
        guard pending.isEmpty, active.isEmpty, !revisits.isEmpty else { return }
        while pageCount < settings.limit, let target = revisits.popFirst() {
            guard seen.insert(target.key) else { continue }
            pageCount += 1
            queue(target)
        }
        revisits = []
    }

    /// Queues what a page links to.
    /// - Returns: what the state is to remember of it.
    func followLinks(of answer: Answer, _ target: FetchTarget, _ crawl: CrawlSettings) -> [String: JSONValue] {
        let depth = if case .link(let depth) = target.role { depth } else { 0 }
        guard depth < crawl.depth, answer.isPage, !answer.isClosed else { return [:] }
        var changes: [String: JSONValue] = [:]
        for link in answer.links.links {
            guard let address = answer.links.address(link, at: answer.place), address.isSameSite(as: target.configured),
                request.state[address.text] == nil, !seen.contains(address.text), crawl.follows(address)
            else { continue }
            guard knownCount < Self.mostKnown else {
                if !isFull { note("\(Self.mostKnown) pages are known, more are not followed: narrow `crawl.include`") }
                isFull = true
                break
            }
            knownCount += 1
            seen.insert(address.text)
            let page = FetchTarget(
                address: address, configured: target.configured, role: .link(depth: depth + 1), state: AddressState())
            changes[StateKey.found(page.key)] = page.foundJSON
            // What this run has no room for is the first of the next one.
            guard pageCount < settings.limit else { continue }
            pageCount += 1
            queue(page)
        }
        return changes
    }
}
