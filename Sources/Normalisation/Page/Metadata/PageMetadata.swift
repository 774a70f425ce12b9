import Document
import HTML

/// What a page says of itself: in JSON-LD, in `meta` and `link` elements, in its markup and its address.
struct PageMetadata {
    private(set) var title: Found<String>?
    private(set) var authors: Found<[String]>?
    private(set) var site: Found<String>?
    private(set) var summary: Found<String>?
    private(set) var tags: Found<[String]>?
    private(set) var language: Found<String>?
    private(set) var canonical: Found<String>?
    private(set) var published: Found<Timestamp>?
    private(set) var modified: Found<Timestamp>?
    private(set) var image: Found<String>?
    /// What structured data says of pictures, whether the page shows them or not.
    private(set) var pictures: [LinkedPicture] = []
    /// The heading that shows the title.
    private(set) var titleNode: HTMLDocument.NodeIndex?
    private(set) var openGraphType: String?
    /// Types of JSON-LD and microdata, in lower case.
    private(set) var types: Set<String> = []
    /// The text that structured data gives as the content.
    private(set) var body: String?
    /// The path of the page's address, in lower case.
    private(set) var path = ""
    private(set) var base: String?

    /// Reads what is told.
    init(_ document: HTMLDocument, url: String?, log: EvidenceLog? = nil) {
        let survey = PageSurvey(document, url: url)
        base = survey.base
        canonical = Found.first(
            .canonical, log, (.link, { survey.canonical }),
            (.meta, { survey.meta("og:url").flatMap { CanonicalURL.resolve($0, against: survey.base) } }))
        let address = url.flatMap { $0.hasPrefix("http") ? $0 : nil } ?? canonical?.value
        path = Self.path(of: address ?? url)
        let titles = [survey.titleElement, survey.meta("og:title")].compactMap { $0 }.map(Text.letters)
        let linked = LinkedData(document, survey.linkedData) { headline in
            let letters = Text.letters(headline)
            return letters.utf8.count > 3
                && titles.contains { $0.hasPrefix(letters) || $0.contains(letters) || letters.hasPrefix($0) }
        }
        types = survey.types.union(linked.types)
        openGraphType = survey.meta("og:type")?.lowercased()
        var name = SiteName(survey, linked: linked, url: address, log: log)
        let title = PageTitle(survey, linked: linked, site: name, url: address, log: log)
        self.title = title.found
        titleNode = title.heading?.node
        name.complete(titleElement: survey.titleElement, title: title.found?.value)
        site = name.found
        if site?.evidence == .titleElement { log?.add(.site, site?.value, .titleElement) }
        language = Found.first(
            .language, log, (.htmlElement, { survey.language }),
            (
                .meta,
                {
                    survey.meta(
                        "content-language", "og:locale", "dc.language", "dcterms.language", "inlanguage", "language")
                }
            ), (.linkedData, { linked.first { $0.language } }))
        let dates = PageDates(
            survey, linked: linked, title: title.heading, language: language?.value, path: path, log: log)
        published = dates.published
        modified = dates.modified
        authors = PageAuthors(survey, linked: linked, title: title.heading, site: name, log: log).found
        summary = Found.first(
            .summary, log,
            (.meta, { survey.meta("og:description", "description", "twitter:description", "dc.description") }),
            (.linkedData, { linked.first { $0.summary } }))
        tags = Self.tags(survey, linked)
        log?.add(.tags, tags?.value.joined(separator: ", "), tags?.evidence ?? .meta)
        image = Found.first(
            .image, log,
            (.meta, { survey.meta("og:image", "og:image:url", "twitter:image", "twitter:image:src") }),
            (.linkedData, { linked.first { $0.images.lazy.compactMap(\.url).first } }))
        pictures = linked.pictures + Self.openGraphPicture(survey)
        body = linked.first { $0.body }
    }

    private static func path(of url: String?) -> String {
        guard let url, let start = url.firstRange(of: "://") else { return "" }
        return String(url[start.upperBound...].drop { $0 != "/" }).lowercased()
    }

    private static func openGraphPicture(_ survey: PageSurvey) -> [LinkedPicture] {
        guard let url = survey.meta("og:image", "og:image:url") else { return [] }
        func size(_ name: String) -> Int? {
            survey.meta(name).flatMap { Int($0) }.flatMap { (1...100_000).contains($0) ? $0 : nil }
        }
        return [
            LinkedPicture(
                url: url, caption: survey.meta("og:image:alt"), width: size("og:image:width"),
                height: size("og:image:height"))
        ]
    }

    private static func tags(_ survey: PageSurvey, _ linked: LinkedData) -> Found<[String]>? {
        var names = survey.metas.filter { $0.name == "article:tag" || $0.name == "og:article:tag" }.map(\.value)
        var evidence = Evidence.meta
        if names.isEmpty, let found = linked.first({ $0.keywords.isEmpty ? nil : $0.keywords }) {
            (names, evidence) = (found, .linkedData)
        }
        if names.isEmpty,
            let found = survey.meta("news_keywords", "keywords", "parsely-tags", "sailthru.tags", "dc.subject")
        {
            (names, evidence) = ([found], .meta)
        }
        var seen: Set<String> = []
        var tags: [String] = []
        for name in names.prefix(64) {
            for part in name.split(whereSeparator: { $0 == "," || $0 == ";" || $0 == "、" }) where tags.count < 30 {
                guard let tag = Text.clean(Entity.decode(String(part))), tag.count <= 60,
                    seen.insert(tag.lowercased()).inserted
                else { continue }
                tags.append(tag)
            }
        }
        return tags.isEmpty ? nil : Found(tags, evidence)
    }
}
