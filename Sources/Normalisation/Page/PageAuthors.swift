import HTML

/// Who wrote a page: people, without "By", roles or addresses.
enum PageAuthors {
    static func find(_ document: HTMLDocument, meta: [String: String], linked: LinkedData, site: String?) -> [String] {
        var found = clean(linked.authors, site: site)
        if found.isEmpty {
            for name in [
                "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl",
                "citation_author", "article.author", "twitter:data1",
            ] {
                guard let value = meta[name] else { continue }
                if name == "twitter:data1", meta["twitter:label1"]?.lowercased().contains("by") != true { continue }
                found = clean([value], site: site)
                if !found.isEmpty { break }
            }
        }
        return found.isEmpty ? clean(visible(document), site: site) : found
    }

    private static func visible(_ document: HTMLDocument) -> [String] {
        var byHint: [String] = []
        var node: HTMLDocument.NodeIndex = document.firstElement(.body) ?? 0
        let root = node
        while node != HTMLDocument.none {
            if document.nodes[Int(node)].kind == .element {
                let rel = document.attributeString(.rel, of: node)?.lowercased()
                let property = document.attributeString(.itemprop, of: node)?.lowercased()
                if rel == "author" || property == "author" || property == "creator" {
                    if let text = Text.clean(document.textContent(of: node)), text.count < 80 { return [text] }
                }
                if byHint.isEmpty, ElementHints.of(node, in: document).contains(.author),
                    let text = Text.clean(document.textContent(of: node)), text.count < 80, text.count > 3
                {
                    byHint = [text]
                }
            }
            node = document.next(node, within: root)
        }
        return byHint
    }

    private static func clean(_ names: [String], site: String?) -> [String] {
        var result: [String] = []
        for text in names.prefix(10) {
            for part in split(text) {
                guard let name = name(part), name.lowercased() != site?.lowercased(), !result.contains(name) else {
                    continue
                }
                result.append(name)
            }
        }
        return Array(result.prefix(12))
    }

    private static func split(_ text: String) -> [String] {
        var text = text
        for separator in [" and ", " & ", ";", " und ", " et ", " y ", " with ", "|", "•", "·"] {
            text = text.replacing(separator, with: ",")
        }
        return text.split(separator: ",").map(String.init)
    }

    private static let prefixes = [
        "written by", "posted by", "published by", "reviewed by", "story by", "words by", "by:", "by ", "von ", "par ",
        "por ", "author:", "author ", "autor:",
    ]

    /// A person's name, or nil.
    private static func name(_ text: String) -> String? {
        guard var name = Text.clean(text), !name.contains("://"), !name.contains("www."), !name.contains("@") else {
            return nil
        }
        var changed = true
        while changed {
            changed = false
            for prefix in prefixes where name.lowercased().hasPrefix(prefix) {
                name = Text.clean(String(name.dropFirst(prefix.count))) ?? ""
                changed = true
            }
        }
        // What follows a name in a by-line: dates, roles.
        for separator in [" on ", " | ", " - ", " – ", " ("] {
            if let range = name.firstRange(of: separator) { name = String(name[..<range.lowerBound]) }
        }
        let words = name.split(separator: " ")
        guard (1...6).contains(words.count), name.count >= 2, name.count <= 60, name.contains(where: \.isLetter),
            ![
                "admin", "administrator", "staff", "editor", "editorial team", "unknown", "anonymous", "guest",
                "author", "team", "none", "null",
            ].contains(name.lowercased()),
            name.filter(\.isNumber).count <= 3
        else { return nil }
        return name
    }
}
