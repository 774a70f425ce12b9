import HTML

/// Who wrote a page: people, without "By", roles or addresses; an organisation only where nobody else is named.
struct PageAuthors {
    private(set) var found: Found<[String]>?

    init(_ survey: PageSurvey, linked: LinkedData, title: PageSurvey.Heading?, site: SiteName, log: EvidenceLog? = nil)
    {
        let linkedAgents = linked.authors
        let people = Self.clean(linkedAgents.filter { !$0.isOrganisation }.compactMap(\.name), site)
        let named = Self.meta(survey, site)
        let declared = people.isEmpty ? named : people
        let shown = Self.shown(survey, title, site)
        log?.add(.authors, people.joined(separator: ", "), .linkedData)
        log?.add(.authors, named.joined(separator: ", "), .meta)
        log?.add(.authors, shown?.value.joined(separator: ", "), shown?.evidence ?? .byline)
        let showsPerson = shown?.value.contains(where: PersonName.looksLikeName) ?? false
        if !declared.isEmpty, declared.contains(where: { $0.contains(" ") }) || !showsPerson {
            found = Found(declared, people.isEmpty ? .meta : .linkedData)
            return
        }
        // What a reader sees in a by-line is the author, where the page's data holds a log-in name or the site's.
        let organisation = Self.organisation(linkedAgents, survey)
        log?.add(
            .authors, organisation?.value.joined(separator: ", "), organisation?.evidence ?? .meta,
            note: "an organisation")
        found = showsPerson || organisation == nil ? shown : organisation
    }

    /// The organisation that is named as the author.
    private static func organisation(_ agents: [LinkedData.Agent], _ survey: PageSurvey) -> Found<[String]>? {
        if let name = agents.lazy.compactMap(\.name).first(where: { (2...80).contains($0.count) }) {
            return Found([name], .linkedData)
        }
        let name = survey.meta(
            "author", "article:author", "og:article:author", "dc.creator", "parsely-author", "twitter:data1")
        return name.flatMap { PersonName.names(in: $0).first }.map { Found([$0], .meta) }
    }

    private static func meta(_ survey: PageSurvey, _ site: SiteName) -> [String] {
        for name in [
            "citation_author", "dc.creator", "dcterms.creator", "author", "article:author", "og:article:author",
            "dc.contributor", "parsely-author",
            "sailthru.author", "byl", "og:author", "article.author", "book:author", "creator", "authors",
            "article:author_name",
        ] {
            let values = survey.metas.filter { $0.name == name }.prefix(12).map(\.value)
            let found = clean(Array(values), site)
            if !found.isEmpty { return found }
        }
        for number in 1...2 {
            guard let label = survey.meta("twitter:label\(number)")?.lowercased(),
                label.contains("by") || label.contains("author"),
                let value = survey.meta("twitter:data\(number)")
            else { continue }
            return clean([value], site)
        }
        return []
    }

    private static func clean(_ texts: [String], _ site: SiteName) -> [String] {
        var result: [String] = []
        for text in texts.prefix(12) {
            for name in PersonName.names(in: text) where !site.isName(name) && !result.contains(name) {
                result.append(name)
            }
        }
        return Array(result.prefix(12))
    }

    // MARK: By-lines

    /// The names that stand in the best by-line: the one nearest to the headline that says that it is one.
    private static func shown(_ survey: PageSurvey, _ title: PageSurvey.Heading?, _ site: SiteName) -> Found<[String]>?
    {
        let anchor = title?.place ?? 0
        var best: (score: Double, mark: PageSurvey.Mark, names: [String])?
        for mark in survey.people {
            let distance = mark.place >= anchor ? mark.place - anchor : (anchor - mark.place) * 3
            guard distance < 120 || mark.kind == .property || mark.kind == .relation else { continue }
            var score = weight(mark.kind) - Double(min(distance, 200)) / 20
            if score <= (best?.score ?? -100) { continue }
            let names = names(of: mark, survey, site)
            if names.isEmpty { continue }
            if names.contains(where: PersonName.looksLikeName) { score += 2 }
            if score > best?.score ?? -100 { best = (score, mark, names) }
        }
        guard let best, best.score > -2 else { return nil }
        var names = best.names
        // Others that stand beside the first in the same manner.
        for mark in survey.people
        where mark.kind == best.mark.kind && abs(mark.place - best.mark.place) <= 6 && mark.kind != .hint {
            for name in Self.names(of: mark, survey, site) where !names.contains(name) && PersonName.looksLikeName(name)
            { names.append(name) }
        }
        let evidence: Evidence =
            best.mark.kind == .property
            ? .microdata : best.mark.kind == .relation || best.mark.kind == .link ? .link : .byline
        return Found(Array(names.prefix(12)), evidence)
    }

    private static func weight(_ kind: PageSurvey.Mark.Kind) -> Double {
        switch kind {
        case .property: 6
        case .relation, .spoken: 5
        case .link: 3.5
        default: 4
        }
    }

    private static func names(of mark: PageSurvey.Mark, _ survey: PageSurvey, _ site: SiteName) -> [String] {
        let document = survey.document
        if mark.kind == .spoken {
            // The name stands behind "by" in the same text, or in one of the next.
            for place in mark.place..<(mark.place + 3) {
                guard let text = survey.text(at: place), text.utf8.count <= 120 else { break }
                let names = clean([text], site)
                if names.isEmpty { continue }
                // Words that begin small go on with a sentence.
                return names.allSatisfy({
                    $0.first?.isLowercase == false && (place == mark.place || $0.split(separator: " ").count < 5)
                }) ? names : []
            }
            return []
        }
        if mark.kind == .property, isInReview(mark.node, document) { return [] }
        if mark.kind == .property, let content = document.attributeString(.content, of: mark.node) {
            return clean([content], site)
        }
        let pieces = survey.pieces(of: mark.node)
        if pieces.count >= 12 { return [] }
        // One text is the name, or the by-line; of several the first that can be one.
        var found: [String] = []
        for piece in pieces where piece.utf8.count <= 160 {
            let names = clean([piece], site).filter {
                mark.kind == .property || mark.kind == .relation || PersonName.looksLikeName($0) || pieces.count <= 2
            }
            if names.isEmpty {
                if !found.isEmpty, !isJoin(piece) { break }
                continue
            }
            found += names
            if mark.kind != .hint { break }
        }
        if found.isEmpty, pieces.isEmpty,
            let label = document.attributeString(.title, of: mark.node)
                ?? document.attributeString(.ariaLabel, of: mark.node)
        {
            found = clean([label], site).filter(PersonName.looksLikeName)
        }
        return Array(found.prefix(6))
    }

    /// Whether microdata says that a node stands in somebody's review of what the page is about.
    private static func isInReview(_ node: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> Bool {
        var ancestor = document.nodes[Int(node)].parent
        for _ in 0..<12 where ancestor != HTMLDocument.none {
            if let property = document.attribute(.itemprop, of: ancestor),
                document.withBytes(property, { PageSurvey.contains($0, "review") })
            {
                return true
            }
            ancestor = document.nodes[Int(ancestor)].parent
        }
        return false
    }

    private static func isJoin(_ text: String) -> Bool {
        let lower = text.lowercased()
        return [",", "and", "&", ";", ", and", "|", "·", "et", "und", "by"].contains(lower)
    }
}
