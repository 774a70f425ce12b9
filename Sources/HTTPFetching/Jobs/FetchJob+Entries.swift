import JSON
import PluginProtocol

/// A feed's entries, followed to their pages.
extension FetchJob {
    /// Runs that may fail to fetch an entry's page before the entry is delivered without it.
    private static let mostTries = 3
    /// Bytes of entries that wait for their pages and are kept in the source's state meanwhile.
    private static let mostWaiting = 4 << 20
    /// Marks of entries that no longer stand in the feed and are kept, should it show them again.
    private static let mostOldEntries = 1000

    /// Queues the entries that are new or changed.
    /// - Parameter changes: what the state is to remember; what was found is added.
    /// - Returns: whether this feed need not be read again as long as it does not change.
    func queue(
        _ feed: FeedEntries, of target: FetchTarget, at place: WebAddress, _ changes: inout [String: JSONValue]
    ) -> Bool {
        var room = Self.mostWaiting
        var isKept = true
        for entry in feed.entries {
            let key = StateKey.entry(entry.identity)
            guard seen.insert(key) else {
                // Waiting since an earlier run: whether it has changed meanwhile, the next one sees.
                let waits = request.state[StateKey.found(key)]
                if let waits, waits["mark"]?.string != entry.mark { isKept = false }
                continue
            }
            if request.state[key]?.string == entry.mark { continue }
            guard pageCount < settings.limit else {
                isKept = false
                note("\(place.text): more is new than one run takes (`limit` = \(settings.limit))")
                break
            }
            pageCount += 1
            let found = FoundEntry(
                key: key, mark: entry.mark, feed: entry.feed, mediaType: entry.mediaType, feedAddress: place.text)
            guard let page = entry.link.flatMap({ try? WebAddress($0, relativeTo: place) }) else {
                deliverAlone(found)
                continue
            }
            let next = FetchTarget(
                address: page, configured: target.configured, role: .entry(found), state: AddressState())
            if entry.feed.count <= room {
                room -= entry.feed.count
                changes[StateKey.found(key)] = next.foundJSON
            } else {
                isKept = false
            }
            queue(next)
        }
        return isKept
    }

    /// Writes down what was found before it is fetched, in frames of some size.
    func checkpoint(_ changes: [String: JSONValue]) {
        guard !changes.isEmpty else { return }
        isCheckpointed = true
        var part: [String: JSONValue] = [:]
        var size = 0
        for (key, value) in changes {
            part[key] = value
            size += key.utf8.count + value.roughSize
            guard size > 1 << 20 else { continue }
            ready.append(.checkpoint(part))
            (part, size) = ([:], 0)
        }
        if !part.isEmpty { ready.append(.checkpoint(part)) }
    }

    /// Delivers an entry with its page.
    func deliver(_ entry: FoundEntry, with page: ItemDescription, _ answer: Answer, _ target: FetchTarget) {
        var page = page
        let body = answer.body
        let part = ItemPart(
            .page, length: body.count, uri: page.uri, mediaType: page.mediaType, charset: page.charset)
        page.parts = [entry.part, part]
        (page.mediaType, page.charset) = (nil, nil)
        var item = FetchedItem(job: request.job, item: 0, description: page)
        item.state = [entry.key: .string(entry.mark), StateKey.found(entry.key): .null]
        finish(item, entry.feed + body, held: body.count, answer, target)
    }

    /// Delivers an entry without a page.
    func deliverAlone(_ entry: FoundEntry) {
        var description = ItemDescription(uri: entry.feedAddress)
        description.parts = [entry.part]
        description.fetched = .now
        var item = FetchedItem(job: request.job, item: 0, description: description)
        item.state = [entry.key: .string(entry.mark), StateKey.found(entry.key): .null]
        ready.append(.item(item, entry.feed, held: 0))
    }

    /// The page of an entry could not be fetched.
    /// - Returns: whether the failure needs a line of its own in the log.
    func failed(_ target: FetchTarget, _ entry: FoundEntry, _ failure: FetchFailure, isDead: Bool) -> Bool {
        guard !isDead, target.tries + 1 < Self.mostTries else {
            fetched += 1
            note("\(failure.message): its entry is taken without it")
            deliverAlone(entry)
            return false
        }
        let tries = target.tries + (failure.kind == .postponed ? 0 : 1)
        stateChanges[StateKey.found(entry.key)] = target.foundJSON(tries: tries)
        failures.append(failure)
        return total > 1
    }

    /// Forgets some of the entries that no feed shows any more, where there are many.
    func forgetOldEntries(_ changes: inout [String: JSONValue]) {
        guard settings.follow == .entries, knowsAllPages, failures.isEmpty else { return }
        let old = request.state.keys.filter { $0.hasPrefix(StateKey.entryPrefix) && !seen.contains($0) }
        guard old.count > Self.mostOldEntries else { return }
        for key in old.shuffled().dropFirst(Self.mostOldEntries) { changes[key] = .null }
    }
}

extension FoundEntry {
    fileprivate var part: ItemPart {
        ItemPart(.entry, length: feed.count, uri: feedAddress, mediaType: mediaType, charset: "utf-8")
    }
}
