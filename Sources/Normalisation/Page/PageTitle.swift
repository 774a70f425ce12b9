import HTML

/// The title of a page without the name of its site.
enum PageTitle {
    static func find(
        _ document: HTMLDocument, meta: [String: String], linked: LinkedData, titleElement: String?, site: String?
    ) -> String? {
        let heading = headings(document, .h1)
        let candidates = [
            linked.headline, meta["og:title"], meta["twitter:title"], meta["dc.title"], meta["headline"], titleElement,
        ].compactMap { $0 }
        // A heading that the page's own data repeats is the title as a reader sees it.
        for text in heading where text.count > 3 {
            let key = letters(text)
            if candidates.contains(where: { letters($0).contains(key) }) { return text }
        }
        if let title = meta["og:title"] ?? linked.headline ?? meta["twitter:title"] {
            return withoutSite(Entity.decode(title), site: site)
        }
        if heading.count == 1, let only = heading.first { return only }
        return titleElement.map { withoutSite($0, site: site) } ?? heading.first
    }

    private static func headings(_ document: HTMLDocument, _ tag: TagName) -> [String] {
        var found: [String] = []
        var node: HTMLDocument.NodeIndex = 0
        while node != HTMLDocument.none, found.count < 10 {
            if document.isElement(node, tag), let text = Text.clean(document.textContent(of: node)), text.count < 400 {
                found.append(text)
            }
            node = document.next(node, within: 0)
        }
        return found
    }

    private static func letters(_ text: String) -> String {
        String(text.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    private static let separators = [" | ", " – ", " — ", " - ", " :: ", " » ", " · ", " • ", " / ", " < "]

    /// Cuts the site's name off either end.
    static func withoutSite(_ title: String, site: String?) -> String {
        var title = title
        for separator in separators {
            let parts = title.split(separator: separator, omittingEmptySubsequences: true)
            guard parts.count > 1, let first = parts.first, let last = parts.last else { continue }
            if let site {
                if letters(String(last)) == letters(site) { return parts.dropLast().joined(separator: separator) }
                if letters(String(first)) == letters(site) { return parts.dropFirst().joined(separator: separator) }
            }
            // Without a name to compare with, the short end is the site's where the rest can stand alone.
            let rest = parts.dropLast().joined(separator: separator)
            if separator == " | " || separator == " – " || separator == " — " || separator == " - "
                || separator == " :: ",
                last.split(separator: " ").count <= 4, rest.split(separator: " ").count >= 3
            {
                title = rest
            }
        }
        return title
    }

    /// The end of the title element that is not the title.
    static func site(from titleElement: String, title: String?) -> String? {
        guard let title, let range = titleElement.firstRange(of: title) else { return nil }
        let rest = titleElement[range.upperBound...]
        for separator in separators where rest.hasPrefix(separator) {
            return Text.clean(String(rest.dropFirst(separator.count)))
        }
        return nil
    }
}
