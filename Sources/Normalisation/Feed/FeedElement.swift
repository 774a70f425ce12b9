import XML

/// Elements that feeds are made of, by their local names.
enum FeedElement: String, CaseIterable {
    case abstract, author, body, category, channel, cloud, comments, community, content, copyright, created, creator,
        credit
    case date, description, div, email, enclosure, encoded, entry, feed, fullitem, guid, html, icon, id, image, info,
        issued
    case item, items, keywords, language, lastbuilddate, link, logo, managingeditor, modified, name, origlink, owner
    case pubdate, published, rdf, rss, skipdays, skiphours, source, subject, subtitle, summary, tagline, textinput, url
    case thumbnail, title, updated
    /// Any other.
    case other = ""

    /// The element whose local name has this hash.
    init(nameHash: UInt64) { self = Self.table[nameHash] }

    static let table = WordTable(
        allCases.map { (hash: NameHash.of($0.rawValue), value: $0) }, absent: .other)
}
