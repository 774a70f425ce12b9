import Document
import HTML

/// When a page was published and last changed, by the best evidence that is plausible.
struct PageDates {
    private(set) var published: Found<Timestamp>?
    private(set) var modified: Found<Timestamp>?

    /// A date that the page shows, and how far behind the headline.
    private struct Shown {
        var time: Timestamp
        var label: DateFinder.Label
        var distance: Int
        var evidence: Evidence
    }

    /// - Parameters:
    ///   - title: where the headline stands.
    ///   - language: the page's, which tells how `3/4/2021` is meant.
    ///   - path: that of its address.
    init(
        _ survey: PageSurvey, linked: LinkedData, title: PageSurvey.Heading?, language: String?, path: String,
        log: EvidenceLog? = nil
    ) {
        let finder = DateFinder(language: language)
        func read(_ text: String?) -> Timestamp? { text.flatMap { Self.read($0, finder) } }
        published = Found.first(
            .published, log, (.linkedData, { linked.first { read($0.published) } }),
            (.meta, { Self.declared(survey, Self.isPublished, finder) }),
            (.linkedData, { linked.first { read($0.created) } }))
        modified = Found.first(
            .modified, log, (.linkedData, { linked.first { read($0.modified) } }),
            (.meta, { Self.declared(survey, Self.isModified, finder, isLater: true) }))
        let shown = Self.shown(survey, title, finder)
        let inPath = Self.inPath(path)
        if let log {
            for date in shown {
                log.add(
                    date.label == .modified ? .modified : .published, date.time.description, date.evidence,
                    note: "\(date.distance) texts from the headline")
            }
            log.add(.published, inPath?.description, .address)
        }
        takeShown(shown, path: inPath)
        if let changed = modified, let published, changed.value < published.value { modified = nil }
    }

    private mutating func takeShown(_ shown: [Shown], path: Timestamp?) {
        let near = shown.filter { $0.distance < 60 }
        let change = near.first { $0.label == .modified }
        if modified == nil, let change { modified = Found(change.time, change.evidence) }
        // What stands far off without a word is another thing's day, which is better than none only.
        let first =
            near.first { $0.label == .published } ?? near.first { $0.label == .none }
            ?? (change == nil ? shown.first { $0.label != .modified } : nil)
        if let declared = published {
            correct(declared, near: near, first: first, path: path)
        } else if let first, first.label == .published || first.distance < 60 || path == nil {
            published = Found(first.time, first.evidence)
        } else if let path {
            published = Found(path, .address)
        } else if let only = change ?? shown.first {
            // The one day that a page shows is that of what stands there.
            published = Found(only.time, only.evidence)
            if modified == nil { modified = published }
        }
    }

    /// What readers see may be nearer to the truth than what is declared.
    private mutating func correct(_ declared: Found<Timestamp>, near: [Shown], first: Shown?, path: Timestamp?) {
        // The same moment, by the page's own clock.
        if declared.value.offset == 0,
            let same = near.first(where: {
                $0.time.offset != 0 && ($0.time.seconds - declared.value.seconds).magnitude < 60
            })
        {
            published?.value.offset = same.time.offset
            return
        }
        guard let first, !near.contains(where: { $0.label != .modified && $0.time.day == declared.value.day }) else {
            return
        }
        // Software that moves or renders a page anew declares that day; readers see when it was written. Nobody shows a
        // day before the publication.
        let isEarlier =
            first.distance < (first.label == .published ? 40 : 10) && first.time.day < declared.value.day - 2
        // Text and address agree on the day before or after: the declared moment is that of another time zone.
        let isLocal = first.time.day == path?.day && (first.time.day - declared.value.day).magnitude == 1
        if isEarlier || isLocal { published = Found(first.time, first.evidence) }
    }

    // MARK: Declared

    private static func declared(
        _ survey: PageSurvey, _ isWanted: (String) -> Int?, _ finder: DateFinder, isLater: Bool = false
    ) -> Timestamp? {
        var best: (rank: Int, time: Timestamp)?
        for (name, value) in survey.metas {
            guard let rank = isWanted(name), rank <= best?.rank ?? Int.max, let time = read(value, finder) else {
                continue
            }
            // Of two that say the same, the earlier is the publication, and the later the last change.
            if let best, rank == best.rank, isLater ? time <= best.time : time >= best.time { continue }
            best = (rank, time)
        }
        return best?.time
    }

    /// How well the name of a `meta` element says that it holds the date of publication: less is better.
    private static func isPublished(_ name: String) -> Int? {
        switch name {
        case "article:published_time": return 0
        case "datepublished", "og:published_time", "og:article:published_time", "citation_publication_date",
            "parsely-pub-date":
            return 1
        case "date", "dc.date", "dc.date.issued", "dcterms.issued", "dcterms.date", "sailthru.date", "citation_date",
            "dc.date.created", "dcterms.created", "datecreated", "ms.date":
            return 3
        default:
            guard !isModifiedWord(name), !name.contains("publisher"), !name.contains("expir") else { return nil }
            if name.contains("publi") || name.contains("pubdate") || name.contains("pub_date") { return 2 }
            let words = name.split { !$0.isLetter }
            if words.contains("date"),
                words.contains("created") || words.contains("release") || words.contains("posted")
                    || words.contains("article")
            {
                return 4
            }
            return nil
        }
    }

    private static func isModified(_ name: String) -> Int? {
        switch name {
        case "article:modified_time": return 0
        case "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified": return 1
        case "last-modified", "lastmod", "revised": return 3
        default: return isModifiedWord(name) && !name.contains("cache") ? 2 : nil
        }
    }

    private static func isModifiedWord(_ name: String) -> Bool { name.contains("modif") || name.contains("updated") }

    static func read(_ text: String, _ finder: DateFinder) -> Timestamp? {
        let time = DateParser.parse(text, dayFirst: finder.dayFirst, keepsOffset: true)
        if let time, isPlausible(time) { return time }
        return finder.find(text)?.time
    }

    /// Pages are not older than the web, nor from the future.
    static func isPlausible(_ time: Timestamp) -> Bool {
        time.seconds > 631_152_000 && time.seconds < Timestamp.now.seconds + 2 * 86_400
    }

    // MARK: Shown

    /// What the page shows, the nearest to the headline first.
    private static func shown(_ survey: PageSurvey, _ title: PageSurvey.Heading?, _ finder: DateFinder) -> [Shown] {
        let anchor = title?.place ?? 0
        func distance(_ place: Int) -> Int { place >= anchor ? place - anchor : (anchor - place) * 2 }
        var shown: [Shown] = []
        for mark in survey.dates {
            if let found = marked(mark, survey, finder) {
                shown.append(Shown(time: found.0, label: found.1, distance: distance(mark.place), evidence: found.2))
            }
        }
        for place in survey.datedPlaces {
            guard let text = survey.text(at: place), let match = finder.find(text), !isCopyright(text) else { continue }
            // A date among many words is part of what is told, unless they say that it is the page's.
            if text.utf8.count > 60, match.label == .none { continue }
            var label = match.label
            if label == .none, let before = survey.text(at: place - 1), before.utf8.count < 40 {
                label = DateFinder.label(before)
            }
            shown.append(Shown(time: match.time, label: label, distance: distance(place) + 1, evidence: .visibleText))
        }
        return shown.filter { $0.label != .other }.sorted { $0.distance < $1.distance }
    }

    private static func isCopyright(_ text: String) -> Bool {
        let lower = text.lowercased()
        return lower.contains("©") || lower.contains("copyright") || lower.contains("(c)")
    }

    private static func marked(
        _ mark: PageSurvey.Mark, _ survey: PageSurvey, _ finder: DateFinder
    ) -> (Timestamp, DateFinder.Label, Evidence)? {
        let document = survey.document
        let text = survey.line(of: mark.node, limit: PageSurvey.longestText)
        var label = text.map(DateFinder.label) ?? .none
        if label == .none, let before = survey.text(at: mark.place - 1), before.utf8.count < 40 {
            label = DateFinder.label(before)
        }
        if mark.kind == .modified { label = .modified }
        if mark.kind == .property { label = .published }
        if label == .none,
            document.attribute(.class, of: mark.node).map({
                document.withBytes($0) {
                    (PageSurvey.contains($0, "updated") || PageSurvey.contains($0, "modif"))
                        && !PageSurvey.contains($0, "publish")
                        && !PageSurvey.contains($0, "entry-date")
                }
            }) ?? false
        {
            label = .modified
        }
        // What a reader sees is the page's own day; the attribute has the moment.
        let declared =
            (document.attributeString(.datetime, of: mark.node) ?? document.attributeString(.content, of: mark.node)
            ?? document.attributeString(.title, of: mark.node)).flatMap { read($0, finder) }
        let evidence: Evidence = mark.kind == .time ? .timeElement : mark.kind == .hint ? .byline : .microdata
        if let time = declared ?? text.flatMap({ finder.find($0)?.time }) { return (time, label, evidence) }
        return nil
    }

    // MARK: Address

    /// `/2025/09/04/`, `/2025-09-04-` or `/2025/september/04/` in an address.
    static func inPath(_ path: String) -> Timestamp? {
        let parts = path.split { !$0.isNumber && !$0.isLetter }.map(String.init)
        guard parts.count >= 3 else { return nil }
        for index in 0..<(parts.count - 2) where parts[index].utf8.count == 4 {
            let (month, day) = (parts[index + 1], parts[index + 2])
            guard let year = Int(parts[index]), (1990...2100).contains(year), day.utf8.count <= 2, let day = Int(day),
                let month = month.utf8.count <= 2 ? Int(month) : DateNames.month(month),
                let time = DateParser.moment(year: year, month: month, day: day), isPlausible(time)
            else { continue }
            return time
        }
        return nil
    }
}
