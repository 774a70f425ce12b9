import JSON
import PluginProtocol

/// Answers that continue each other.
extension FetchJob {
    /// Queues the answer that continues this one.
    /// - Returns: what the state is to remember of it.
    func followNext(of answer: Answer, _ target: FetchTarget, _ paging: PagingSettings) -> [String: JSONValue] {
        let number = if case .next(let number) = target.role { number } else { 1 }
        guard target.isSource, !paging.merges, let address = next(of: answer, target, paging),
            seen.insert(address.text)
        else { return [:] }
        let next = FetchTarget(
            address: address, configured: target.configured, role: .next(number: number + 1),
            state: state(of: address))
        // What this run does not come to is the first of the next one.
        if number < paging.limit {
            queue(next)
        } else {
            note("\(answer.place.text) goes on after \(paging.limit) answers (`paginate.limit`): the next run follows")
        }
        return [StateKey.found(next.key): next.foundJSON]
    }

    private func next(of answer: Answer, _ target: FetchTarget, _ paging: PagingSettings) -> WebAddress? {
        guard case .pointer(let pointer) = paging.next else { return answer.next }
        guard let tree = try? JSONValue.parse(answer.body, maximumDepth: 64) else { return nil }
        let text: String
        switch pointer.value(in: tree) {
        case .string(let value): text = value
        case .integer(let value): text = "\(value)"
        case .number(let value): text = "\(value)"
        default: return nil
        }
        guard !text.isEmpty, text.utf8.count <= 4096 else { return nil }
        if let parameter = paging.parameter { return target.configured.setting(parameter, to: text) }
        return try? WebAddress(text, relativeTo: answer.place)
    }

    // MARK: Pages of one document

    /// Sends an item on, or first gathers the pages that continue it.
    func finish(_ item: FetchedItem, _ body: [UInt8], held: Int, _ answer: Answer, _ target: FetchTarget) {
        guard let paging = settings.paging, paging.merges, answer.isPage, let next = answer.next,
            next.origin == answer.place.origin, next.text != answer.place.text
        else { return ready.append(.item(item, body, held: held)) }
        let pages = GatheredPages(item, body, held: held, at: answer.place)
        if pages.item.description.parts.isEmpty {
            pages.item.description.parts = [answer.part(length: body.count)]
        }
        gather(pages, next, paging, target)
    }

    private func gather(_ pages: GatheredPages, _ next: WebAddress, _ paging: PagingSettings, _ target: FetchTarget) {
        guard pages.addresses.count < paging.limit, pages.body.count < sizeLimit,
            pages.addresses.insert(next.text).inserted
        else { return finish(pages) }
        queue(
            FetchTarget(
                address: next, configured: target.configured, role: .continuation(pages), state: AddressState()))
    }

    /// Adds a page to those that it continues.
    func add(_ answer: Answer, to pages: GatheredPages, _ target: FetchTarget) {
        pages.body += answer.body
        pages.held += answer.body.count
        pages.item.description.parts.append(answer.part(length: answer.body.count))
        guard let paging = settings.paging, answer.isPage, let next = answer.next, next.origin == answer.place.origin
        else { return finish(pages) }
        gather(pages, next, paging, target)
    }

    /// A page could not be fetched that continues others.
    /// - Returns: whether the failure needs a line of its own in the log.
    func failed(_ pages: GatheredPages, _ failure: FetchFailure, isDead: Bool) -> Bool {
        guard isDead else {
            // The first page comes again with all that follow.
            abandoned += pages.held
            isComplete = false
            failures.append(failure)
            return total > 1 && failure.kind != .postponed
        }
        fetched += 1
        note("\(failure.message): the pages before it are taken without it")
        finish(pages)
        return false
    }

    /// Sends on what has come of an article.
    func finish(_ pages: GatheredPages) { ready.append(.item(pages.item, pages.body, held: pages.held)) }
}

extension Answer {
    fileprivate func part(length: Int) -> ItemPart {
        ItemPart(.page, length: length, uri: place.text, mediaType: type?.mediaType, charset: type?.charset)
    }
}
