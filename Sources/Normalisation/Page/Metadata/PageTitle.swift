import HTML

/// Chooses the title of a page: as a reader sees it, without the name of its site.
///
/// Headings, what structured data and `meta` elements say, and the parts of the `title` element are candidates; each is
/// weighed by where it shows, by how far the others and the page's address repeat its words, and the best is taken.
struct PageTitle {
    /// The title, and what it was read from.
    private(set) var found: Found<String>?
    /// The heading that shows it, or the nearest to one.
    private(set) var heading: PageSurvey.Heading?

    private struct Candidate {
        var text: String
        var key: String
        var words: [Substring]
        var evidence: Evidence
        var heading: PageSurvey.Heading?

        init?(_ text: String?, _ evidence: Evidence, heading: PageSurvey.Heading? = nil) {
            guard let text, !text.isEmpty else { return nil }
            words = Text.words(text)
            if words.isEmpty { return nil }
            key = words.joined()
            self.text = text
            self.evidence = evidence
            self.heading = heading
        }
    }

    /// - Parameter url: the page's own address, or the canonical one.
    init(_ survey: PageSurvey, linked: LinkedData, site: SiteName, url: String?, log: EvidenceLog? = nil) {
        let slug = Slug(url)
        func named(_ text: String?) -> String? { text.map { slug.isHome ? $0 : site.removed(from: $0) } }
        let titleElement = Candidate(named(survey.titleElement.map(Entity.decode)), .titleElement)
        let openGraph = Candidate(named(survey.meta("og:title").map(Entity.decode)), .meta)
        let declared = [
            Candidate(named(linked.title), .linkedData),
            Candidate(named(survey.meta("dc.title", "dcterms.title").map(Entity.decode)), .meta),
            openGraph,
            Candidate(
                named(
                    survey.meta("twitter:title", "parsely-title", "sailthru.title", "headline", "citation_title")
                        .map(Entity.decode)), .meta),
            titleElement,
        ].compactMap { $0 }.filter { slug.isHome || !site.isName($0.text) }
        let headings = Self.headings(survey, site, declared)
        var candidates = headings + declared
        if let first = SiteName.parts(of: titleElement?.text ?? "").first, Text.words(first.text).count > 1 {
            if let part = Candidate(Text.clean(String(first.text)), .titleElement) { candidates.append(part) }
        }
        let weights = Weights(
            isArticle: linked.isArticle || survey.meta("og:type")?.lowercased() == "article", slug: slug,
            headings: headings.filter { $0.heading?.level == 1 }.count, titleElement: titleElement?.words ?? [],
            openGraph: openGraph?.words ?? [])
        var best: (score: Double, candidate: Candidate)?
        for candidate in candidates {
            // What a heading shows counts for the same text from elsewhere.
            let shown = headings.first { $0.key == candidate.key }
            let agreeing = declared.filter { $0.key == candidate.key }.count
            let score = weights.score(candidate, heading: shown?.heading, agreeing: agreeing)
            log?.add(.title, candidate.text, candidate.evidence, score: score)
            if score > best?.score ?? -.infinity { best = (score, candidate) }
        }
        if let best {
            found = Found(best.candidate.text, best.candidate.evidence)
            // The first-level heading may say a little more: a count of comments, the source.
            let words = best.candidate.words
            heading =
                (headings.first { $0.heading?.level == 1 && Self.likeness($0.words, words) >= 0.8 }
                ?? headings.first { $0.key == best.candidate.key })?.heading
        } else {
            found = survey.titleElement.map { Found($0, .titleElement) }
        }
        heading = heading ?? headings.first { $0.heading?.level == 1 }?.heading
    }

    /// Headings that may be the title: those of the first level, others only where the page's data repeats them.
    private static func headings(_ survey: PageSurvey, _ site: SiteName, _ declared: [Candidate]) -> [Candidate] {
        var found: [Candidate] = []
        for heading in survey.headings where found.count < 8 {
            guard let text = survey.line(of: heading.node, limit: 300),
                let candidate = Candidate(text, .heading, heading: heading)
            else { continue }
            if heading.level > 1, !declared.contains(where: { likeness($0.words, candidate.words) >= 0.8 }) { continue }
            if !site.isName(text) { found.append(candidate) }
        }
        return found
    }

    /// How the candidates are weighed.
    private struct Weights {
        var isArticle: Bool
        var slug: Slug
        /// How many headings of the first level there are.
        var headings: Int
        var titleElement: [Substring]
        var openGraph: [Substring]

        func score(_ candidate: Candidate, heading: PageSurvey.Heading?, agreeing: Int) -> Double {
            var score = 1.5 * Double(min(agreeing, 2))
            if let heading {
                score += 2
                if heading.level == 1 {
                    score += 1
                    if isArticle { score += 2 }
                    if headings == 1 { score += 2 }
                    if slug.isHome { score -= 1 }
                }
            }
            score += 3 * PageTitle.share(of: candidate.words, in: titleElement)
            score += 1.5 * PageTitle.share(of: titleElement, in: candidate.words)
            score += 1.5 * PageTitle.likeness(candidate.words, openGraph)
            score += 2 * PageTitle.share(of: candidate.words, in: slug.words)
            score += 1.5 * PageTitle.share(of: slug.words, in: candidate.words)
            if SiteName.parts(of: candidate.text).count > 1 { score -= 2.5 }
            return score
        }
    }

    /// The words of the last part of a page's address.
    private struct Slug {
        private let text: String
        var words: [Substring] = []
        /// Whether the page is its site's first.
        var isHome = false

        init(_ url: String?) {
            guard let url, let start = url.firstRange(of: "://") else {
                text = ""
                return
            }
            let path = url[start.upperBound...].prefix { $0 != "?" && $0 != "#" }
            let parts = path.split(separator: "/")
            isHome = parts.count == 1 && url.hasPrefix("http")
            text = parts.count > 1 ? String(parts.last ?? "").lowercased() : ""
            let words = text.split { !$0.isLetter && !$0.isNumber }.filter {
                $0 != "html" && $0 != "htm" && $0 != "php"
            }
            if words.count > 1 { self.words = words }
        }
    }

    // MARK: Words

    /// The F1 of two texts' words.
    static func likeness(_ one: [Substring], _ other: [Substring]) -> Double {
        one.isEmpty || other.isEmpty ? 0 : 2 * Double(shared(one, other)) / Double(one.count + other.count)
    }

    /// The share of a text's words that another has too.
    static func share(of one: [Substring], in other: [Substring]) -> Double {
        one.isEmpty || other.isEmpty ? 0 : Double(shared(one, other)) / Double(one.count)
    }

    private static func shared(_ one: [Substring], _ other: [Substring]) -> Int {
        guard one.count < 80, other.count < 80 else { return 0 }
        var isTaken = InlineArray<80, Bool>(repeating: false)
        var shared = 0
        for word in one {
            if let place = other.indices.first(where: { !isTaken[$0] && other[$0] == word }) {
                isTaken[place] = true
                shared += 1
            }
        }
        return shared
    }
}
