import Document
import JSON
import PluginProtocol

/// What the end of a transfer means for its job.
extension FetchJob {
    /// A transfer brought something new.
    /// - Returns: bytes of its body that the job did not keep.
    func succeeded(_ transfer: Transfer, at now: Timestamp) -> Int {
        guard let (_, target) = active.removeValue(forKey: transfer.serial) else { return 0 }
        let head = transfer.head
        let body = transfer.takeBody()
        let type = head.headers["content-type"].map { ContentType($0) }
        fetched += 1
        if case .entry(let entry) = target.role {
            let description = description(of: transfer, key: nil, type, body: body, at: now)
            deliver(entry, with: description, body)
            return 0
        }
        let key = target.address.text
        var state = AddressState(headers: head.headers, effective: transfer.current, configured: target.address)
        state.listed = target.listed
        noteMove(transfer, target, &state)
        if target.role == .configured { state.hints = FeedHints(feed: body) }
        if isSitemap(target, body, mediaType: type?.mediaType) {
            do throws(FetchFailure) { try expand(target, at: transfer.current, body) } catch {
                fetched -= 1
                failures.append(error)
                isComplete = false
                return body.count
            }
            if let json = state.json { sitemapStates[key] = json }
            noteFreshness(head, now: now)
            return body.count
        }
        noteFreshness(head, now: now, state.hints)
        if settings.follow == .entries, target.role == .configured,
            let feed = FeedEntries(body, mediaType: type?.mediaType, charset: type?.charset)
        {
            queue(feed, of: target, at: transfer.current, state)
            return body.count
        }
        let description = description(of: transfer, key: key, type, body: body, at: now)
        var item = FetchedItem(job: request.job, item: 0, description: description)
        if let change = change(of: key, to: state) { item.state = [key: change] }
        if isWrittenDown(target) { item.state[StateKey.found(target.key)] = .null }
        ready.append(.item(item, body, held: body.count))
        return 0
    }

    private func description(
        of transfer: Transfer, key: String?, _ type: ContentType?, body: [UInt8], at now: Timestamp
    ) -> ItemDescription {
        let head = transfer.head
        let kind = transfer.request.kind
        var description = ItemDescription(
            uri: transfer.current.text, key: key, mediaType: kind.mediaType(stated: type?.mediaType, body: body))
        description.charset = type?.charset
        description.headers = head.forItem
        description.fetched = now
        description.modified = head.headers["last-modified"].flatMap(HTTPDate.parse)
        return description
    }

    /// The server said that nothing is new.
    func unchanged(_ transfer: Transfer, at now: Timestamp) {
        guard let (_, target) = active.removeValue(forKey: transfer.serial) else { return }
        fetched += 1
        if case .entry(let entry) = target.role { return deliverAlone(entry) }
        let head = transfer.head
        // A 304 may bring newer validators (RFC 9110, section 15.4.5).
        var updated = target.state
        let fresh = AddressState(headers: head.headers, effective: transfer.current, configured: target.address)
        if let tag = fresh.entityTag { updated.entityTag = tag }
        if let date = fresh.lastModified { updated.lastModified = date }
        if let listed = target.listed { updated.listed = listed }
        noteMove(transfer, target, &updated)
        if let change = change(of: target.address.text, to: updated) { stateChanges[target.address.text] = change }
        if isWrittenDown(target) { stateChanges[StateKey.found(target.key)] = .null }
        noteFreshness(head, now: now, updated.hints)
        // Which pages an unchanged sitemap lists, nobody looked up; nor if this is one.
        knowsAllPages = knowsAllPages && target.isFound
    }

    private func noteMove(_ transfer: Transfer, _ target: FetchTarget, _ state: inout AddressState) {
        let isForGood =
            transfer.movedForGood && (transfer.redirects > 0 || target.start.text != target.address.text)
        let before = target.state.move
        state.noteMove(to: transfer.current, from: target.address, isForGood: isForGood, before: before)
        guard target.role == .configured, let move = state.settledMove, move != target.state.settledMove else { return }
        note("\(target.address.text) has moved for good to \(move), which is asked from now on: set `url` to that")
    }

    /// A transfer brought nothing.
    /// - Returns: whether the failure needs a line of its own in the log.
    func failed(_ transfer: Transfer, _ failure: FetchFailure) -> Bool {
        guard let (_, target) = active.removeValue(forKey: transfer.serial) else { return false }
        let isDead = failure.kind == .permanent || failure.kind == .gone || transfer.head.status == 404
        if case .entry(let entry) = target.role {
            return failed(target, entry, failure, isDead: isDead || failure.kind == .configuration)
        }
        if target.start.text != target.address.text {
            // Where it had moved is nothing any more: the next run asks at the old place.
            var state = target.state
            state.move = nil
            if let change = change(of: target.address.text, to: state) { stateChanges[target.address.text] = change }
        }
        guard target.isFound, isDead else {
            failures.append(failure)
            return total > 1
        }
        // One dead link of a sitemap is no reason to call the source failing: it is tried again once it is listed anew.
        fetched += 1
        var state = AddressState()
        state.listed = target.listed
        let key = target.address.text
        var changes = change(of: key, to: state).map { [key: $0] } ?? [:]
        if isWrittenDown(target) { changes[StateKey.found(target.key)] = .null }
        ready.append(
            .rejected(
                RejectedItem(job: request.job, item: 0, uri: key, reason: failure.message, state: changes)))
        return false
    }

    /// Whether the state remembers a target until it is done.
    private func isWrittenDown(_ target: FetchTarget) -> Bool {
        guard target.isFound else { return false }
        return request.state[StateKey.found(target.key)] != nil || (isCheckpointed && target.state.listed == nil)
    }

    func change(of key: String, to state: AddressState) -> JSONValue? {
        let json = state.json
        if json == request.state[key] { return nil }
        return json ?? .null
    }

    /// Notes when it is worth coming again: the earliest of all addresses counts.
    private func noteFreshness(_ head: ResponseHead, now: Timestamp, _ hints: FeedHints = FeedHints()) {
        skipped =
            skipped.map { ($0.hours.intersection(hints.skipHours), $0.days.intersection(hints.skipDays)) }
            ?? (Set(hints.skipHours), Set(hints.skipDays))
        let fresh = ReturnHints.freshness(head.headers, now: now)
        guard let seconds = [fresh, hints.wait].compactMap({ $0 }).max().map({ min($0, ReturnHints.longestFreshness) })
        else { return isFresh = false }
        next = min(next ?? seconds, seconds)
    }
}

extension HTTPSettings.Kind {
    /// The media type for the normaliser: the server's, unless it says nothing and the configuration does.
    func mediaType(stated: String?, body: [UInt8]) -> String? {
        let vague = ["text/plain", "application/octet-stream", "binary/octet-stream", "text/html"]
        switch self {
        case .auto, .sitemap: return stated
        case .page: return stated == nil || stated.map(vague.contains) == true ? "text/html" : stated
        case .feed:
            guard stated == nil || stated.map(vague.contains) == true else { return stated }
            switch body.first(where: { $0 > 0x20 && $0 < 0x80 }) {
            case UInt8(ascii: "{"): return "application/feed+json"
            case UInt8(ascii: "<"): return "application/xml"
            default: return stated
            }
        }
    }
}
