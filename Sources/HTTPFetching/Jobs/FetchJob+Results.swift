import Document
import JSON
import PluginProtocol

/// What the end of a transfer means for its job.
extension FetchJob {
    /// A transfer brought something new.
    /// - Returns: bytes of its body that the job did not keep.
    func succeeded(_ transfer: Transfer, at now: Timestamp) -> Int {
        guard let target = end(transfer) else { return 0 }
        let answer = Answer(transfer, transfer.takeBody())
        if let request = target.hubRequest {
            answered(request, transfer)
            return answer.body.count
        }
        fetched += 1
        switch target.role {
        case .entry(let entry):
            let description = description(of: transfer, answer, key: nil, at: now)
            deliver(entry, with: description, answer, target)
            return 0
        case .continuation(let pages):
            add(answer, to: pages, target)
            return 0
        case .configured, .sitemap, .listed, .link, .next, .hub, .feed: break
        }
        guard takesDiscovered(answer, target) else { return answer.body.count }
        let key = target.address.text
        let head = transfer.head
        var state = AddressState(headers: head.headers, effective: transfer.current, configured: target.address)
        state.listed = target.listed
        state.archived = transfer.archived
        noteMove(transfer, target, &state)
        if target.isSource, !target.isFound { state.hints = FeedHints(feed: answer.body) }
        if isSitemap(target, answer.body, mediaType: answer.type?.mediaType) {
            do throws(FetchFailure) { try expand(target, at: transfer.current, answer.body) } catch {
                fetched -= 1
                failures.append(error)
                isComplete = false
                return answer.body.count
            }
            if let json = state.json { sitemapStates[key] = json }
            noteFreshness(head, now: now)
            return answer.body.count
        }
        if target.isSource || target.role == .listed { noteFreshness(head, now: now, state.hints) }
        if target.isSource, !target.isFound { note(hubOf: answer, target, now: now) }
        if settings.follow == .entries, target.isSource,
            let feed = FeedEntries(answer.body, mediaType: answer.type?.mediaType, charset: answer.type?.charset)
        {
            var changes = settings.paging.map { followNext(of: answer, target, $0) } ?? [:]
            if isWrittenDown(target) { changes[StateKey.found(target.key)] = .null }
            if queue(feed, of: target, at: transfer.current, &changes) {
                if let change = change(of: key, to: state) { changes[key] = change }
            } else if request.state[key] != nil {
                changes[key] = .null
            }
            checkpoint(changes)
            return answer.body.count
        }
        var changes = settings.paging.map { followNext(of: answer, target, $0) } ?? [:]
        var isWanted = true
        if let crawl = settings.crawl {
            if case .link(let depth) = target.role { state.depth = depth }
            isWanted = target.role == .configured ? crawl.includes(target.address) : true
            if !answer.place.isSameSite(as: target.configured), target.role != .configured {
                // What leads out of the site is none of its pages.
                (isWanted, state.isDead) = (false, true)
            } else {
                changes.merge(followLinks(of: answer, target, crawl)) { $1 }
            }
        }
        if let change = change(of: key, to: state) { changes[key] = change }
        if isWrittenDown(target) { changes[StateKey.found(target.key)] = .null }
        guard isWanted else {
            checkpoint(changes)
            return answer.body.count
        }
        var item = FetchedItem(
            job: request.job, item: 0, description: description(of: transfer, answer, key: key, at: now))
        item.state = changes
        guard let pointer = settings.records else {
            finish(item, answer.body, held: answer.body.count, answer, target)
            return 0
        }
        return take(recordsAt: pointer, item, answer)
    }

    /// Takes the records of an API's answer out of what stands around them.
    /// - Returns: bytes of the body that were not kept.
    func take(recordsAt pointer: JSONPointer, _ item: FetchedItem, _ answer: Answer) -> Int {
        var item = item
        do throws(JSONError) {
            let tree = try JSONValue.parse(answer.body, maximumDepth: 64)
            let records = pointer.value(in: tree)
            if records?.array?.isEmpty == true {
                checkpoint(item.state)
                return answer.body.count
            }
            if let records, records.array != nil || records.object != nil {
                item.description.mediaType = "application/json"
                item.description.charset = "utf-8"
                ready.append(.item(item, records.encoded, held: 0))
                return answer.body.count
            }
            failures.append(
                FetchFailure(
                    .configuration, "\(answer.place.text) has no list of records where `records_at` says",
                    remedy: "look at the answer, and set `records_at` to the place of the list"))
        } catch {
            failures.append(
                FetchFailure(.permanent, "\(answer.place.text) is no JSON: \(error)", remedy: "check `url`"))
        }
        fetched -= 1
        return answer.body.count
    }

    private func description(
        of transfer: Transfer, _ answer: Answer, key: String?, at now: Timestamp
    ) -> ItemDescription {
        let head = transfer.head
        let kind = transfer.request.kind
        var description = ItemDescription(
            uri: transfer.current.text, key: key,
            mediaType: kind.mediaType(stated: answer.type?.mediaType, body: answer.body))
        description.charset = answer.type?.charset
        description.headers = head.forItem
        description.fetched = now
        description.modified = head.headers["last-modified"].flatMap(HTTPDate.parse)
        return description
    }

    /// The server said that nothing is new.
    func unchanged(_ transfer: Transfer, at now: Timestamp) {
        guard let target = end(transfer) else { return }
        if let request = target.hubRequest { return answered(request, transfer) }
        fetched += 1
        switch target.role {
        case .entry(let entry): return deliverAlone(entry)
        case .continuation(let pages): return finish(pages)
        case .configured, .sitemap, .listed, .link, .next, .hub, .feed: break
        }
        let head = transfer.head
        // A 304 may bring newer validators (RFC 9110, section 15.4.5).
        var updated = target.state
        let fresh = AddressState(headers: head.headers, effective: transfer.current, configured: target.address)
        if let tag = fresh.entityTag { updated.entityTag = tag }
        if let date = fresh.lastModified { updated.lastModified = date }
        if let listed = target.listed { updated.listed = listed }
        noteMove(transfer, target, &updated)
        if updated != target.state, let change = change(of: target.address.text, to: updated) {
            stateChanges[target.address.text] = change
        }
        if isWrittenDown(target) { stateChanges[StateKey.found(target.key)] = .null }
        if target.isSource || target.role == .listed { noteFreshness(head, now: now, updated.hints) }
        if target.isSource, !target.isFound { note(hubIn: head.headers["link"], target, now: now) }
        // Which pages an unchanged sitemap lists, nobody looked up; nor if this is one.
        knowsAllPages = knowsAllPages && target.isFound
    }

    private func noteMove(_ transfer: Transfer, _ target: FetchTarget, _ state: inout AddressState) {
        let isForGood =
            transfer.movedForGood && (transfer.redirects > 0 || target.start.text != target.address.text)
        let before = target.state.move
        state.noteMove(to: transfer.current, from: target.address, isForGood: isForGood, before: before)
        guard case .configured = target.role, let move = state.settledMove, move != target.state.settledMove else {
            return
        }
        note("\(target.address.text) has moved for good to \(move), which is asked from now on: set `url` to that")
    }

    /// A transfer brought nothing.
    /// - Returns: whether the failure needs a line of its own in the log.
    func failed(_ transfer: Transfer, _ failure: FetchFailure) -> Bool {
        guard let target = end(transfer) else { return false }
        if let request = target.hubRequest { return failed(request, failure, status: transfer.head.status) }
        let isDead = failure.kind == .permanent || failure.kind == .gone || transfer.head.status == 404
        if case .entry(let entry) = target.role {
            return failed(target, entry, failure, isDead: isDead || failure.kind == .configuration)
        }
        if case .continuation(let pages) = target.role { return failed(pages, failure, isDead: isDead) }
        if looksElsewhere(target, failure, isDead: isDead) { return false }
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
        if case .link(let depth) = target.role {
            (state.depth, state.isDead) = (depth, true)
            // A page that was there, and is no longer, is no dead letter.
            if request.state[key] != nil {
                stateChanges[key] = state.json
                return false
            }
        }
        var changes = change(of: key, to: state).map { [key: $0] } ?? [:]
        if isWrittenDown(target) { changes[StateKey.found(target.key)] = .null }
        ready.append(
            .rejected(
                RejectedItem(job: request.job, item: 0, uri: key, reason: failure.message, state: changes)))
        return false
    }

    /// Whether the state remembers a target until it is done.
    func isWrittenDown(_ target: FetchTarget) -> Bool {
        guard target.isFound else { return false }
        if request.state[StateKey.found(target.key)] != nil { return true }
        switch target.role {
        case .link: return request.state[target.key] == nil
        case .listed: return isCheckpointed && target.state.listed == nil
        default: return true
        }
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
