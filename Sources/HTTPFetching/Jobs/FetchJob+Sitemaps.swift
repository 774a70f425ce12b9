import JSON

/// What a sitemap lists becomes what the job fetches.
extension FetchJob {
    /// Indexes of indexes that are followed.
    private static let deepest = 3
    /// Sitemaps of one run.
    private static let mostSitemaps = 1000

    /// Whether an answer is to be read as a sitemap.
    func isSitemap(_ target: FetchTarget, _ body: [UInt8], mediaType: String?) -> Bool {
        switch target.role {
        case .sitemap: return true
        case .listed, .entry, .link, .next, .continuation, .hub, .feed: return false
        case .configured:
            guard settings.kind == .auto else { return false }
            if Gunzip.isLikely(body) { return target.address.text.contains("sitemap") }
            return mediaType != "text/html" && Sitemap.isLikely(body)
        }
    }

    /// Reads a sitemap and queues what is new in it.
    func expand(_ target: FetchTarget, at place: WebAddress, _ body: [UInt8]) throws(FetchFailure) {
        var bytes = body
        if Gunzip.isLikely(body) {
            do throws(Gunzip.Fault) { bytes = try Gunzip.unpack(body, limit: sizeLimit) } catch {
                switch error {
                case .damaged: throw FetchFailure(.transient, "\(place.text) is a damaged gzip file")
                case .tooLarge:
                    throw FetchFailure(
                        .permanent, "\(place.text) is larger than \(sizeLimit) bytes (unpacked)",
                        remedy: "raise `max_size` (and the source's max_item_size) if it is meant to be that large")
                }
            }
        }
        guard let sitemap = Sitemap(bytes) else {
            throw FetchFailure(.permanent, "\(place.text) is no sitemap", remedy: "check `url`, or set another `kind`")
        }
        if sitemap.isIndex {
            queueSitemaps(sitemap, of: target, at: place)
        } else {
            queuePages(sitemap, of: target, at: place)
        }
    }

    private func queueSitemaps(_ index: Sitemap, of target: FetchTarget, at place: WebAddress) {
        let depth = if case .sitemap(let depth) = target.role { depth } else { 0 }
        guard depth < Self.deepest else {
            isComplete = false
            return note("\(place.text) is passed over: indexes are followed \(Self.deepest) deep")
        }
        for entry in index.entries {
            guard let address = address(entry, at: place), seen.insert(address.text) else { continue }
            let state = state(of: address)
            if let modified = entry.modified, modified == state.listed {
                // Its pages are known, though not which they are.
                knowsAllPages = false
                continue
            }
            guard sitemapCount < Self.mostSitemaps else {
                isComplete = false
                return note("\(place.text) lists more than \(Self.mostSitemaps) sitemaps; the rest is passed over")
            }
            sitemapCount += 1
            queue(
                FetchTarget(
                    address: address, configured: target.configured, role: .sitemap(depth: depth + 1), state: state,
                    listed: entry.modified ?? ""))
        }
    }

    private func queuePages(_ sitemap: Sitemap, of target: FetchTarget, at place: WebAddress) {
        var fresh: [FetchTarget] = []
        var undated: [FetchTarget] = []
        var foreign = 0
        for entry in sitemap.entries {
            guard let address = address(entry, at: place) else {
                foreign += 1
                continue
            }
            guard seen.insert(address.text) else { continue }
            let page = FetchTarget(
                address: address, configured: target.configured, role: .listed, state: state(of: address),
                listed: entry.modified ?? "")
            if entry.modified == nil { isComplete = false }
            if page.state.listed == nil || page.state.listed != page.listed {
                fresh.append(page)
            } else if entry.modified == nil {
                undated.append(page)
            }
        }
        if foreign > 0 {
            note("\(place.text): \(foreign) addresses of other hosts, or that can't be read, are passed over")
        }
        // The newest first; what says nothing of its age is looked at again in any order, so that all get their turn.
        fresh.sort { ($0.listed ?? "") > ($1.listed ?? "") }
        undated.shuffle()
        var found: [String: JSONValue] = [:]
        for page in fresh + undated {
            guard pageCount < settings.limit, newBytes < Self.largestState else {
                isComplete = false
                note("\(place.text): more is new than one run takes (`limit` = \(settings.limit))")
                break
            }
            pageCount += 1
            if page.state.listed == nil { newBytes += page.key.utf8.count }
            // What was there before is listed again the next time, whatever happens.
            if page.state.listed == nil { found[StateKey.found(page.key)] = page.foundJSON }
            queue(page)
        }
        checkpoint(found)
    }

    /// The address of an entry, if it is one that this sitemap may speak for: of its own host (sitemaps.org, "location").
    private func address(_ entry: Sitemap.Entry, at place: WebAddress) -> WebAddress? {
        guard let address = try? WebAddress(entry.location, relativeTo: place) else { return nil }
        return address.isSameSite(as: place) ? address : nil
    }
}
