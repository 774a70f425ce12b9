/// The name of a page's site, and how it is told from the page's title.
struct SiteName {
    /// As the page gives it.
    private(set) var found: Found<String>?
    private let keys: [String]
    private let host: String

    /// - Parameter url: the page's own address, or the canonical one.
    init(_ survey: PageSurvey, linked: LinkedData, url: String?, log: EvidenceLog? = nil) {
        host = Text.letters(url.flatMap(CanonicalURL.site) ?? "")
        // Some pages give their own title as the name of the application.
        let application = survey.meta("application-name", "apple-mobile-web-app-title").flatMap {
            $0 == survey.titleElement || $0 == survey.meta("og:title") ? nil : $0
        }
        found = Found.first(
            .site, log, (.meta, { survey.meta("og:site_name").map(Entity.decode) }),
            (.linkedData, { linked.publisher }), (.linkedData, { linked.site }),
            (.meta, { application ?? survey.meta("dc.publisher") }))
        let names = [
            found?.value, survey.meta("og:site_name"), linked.publisher, linked.site, application,
        ]
        var keys: [String] = []
        for name in names.compactMap({ $0 }) {
            let key = Text.letters(Entity.decode(name))
            if key.count > 1, !keys.contains(key) { keys.append(key) }
        }
        self.keys = keys
        // A name with its motto behind it is the name.
        if let name = found?.value {
            let parts = Self.parts(of: name)
            let first = Text.letters(parts.first?.text ?? "")
            if parts.count > 1, first.count > 3, host.contains(first) || keys.contains(first) {
                found?.value = String(parts[0].text)
            }
        }
    }

    /// Completes the site by the end of the title element that is not the title.
    mutating func complete(titleElement: String?, title: String?) {
        guard found == nil, let titleElement, let title else { return }
        let parts = Self.parts(of: titleElement)
        guard parts.count > 1, let last = parts.last, let first = parts.first else { return }
        let letters = Text.letters(title)
        if isName(String(last.text)) || Text.letters(first.text) == letters, last.text.count <= 40 {
            found = Found(String(last.text), .titleElement)
        } else if isName(String(first.text)) {
            found = Found(String(first.text), .titleElement)
        }
    }

    /// Whether a text is the site's name, or its host's.
    func isName(_ text: some StringProtocol) -> Bool {
        let letters = Text.letters(text)
        guard letters.count > 1 else { return false }
        if keys.contains(letters) { return true }
        if host.isEmpty { return false }
        if letters == host || letters.count >= 4 && host.hasPrefix(letters) { return true }
        return letters.count >= 6 && host.contains(letters)
    }

    /// The same, where the text stands apart at an end of a title: a part of the name is enough.
    private func isNameAtEnd(_ text: some StringProtocol) -> Bool {
        if isName(text) { return true }
        let letters = Text.letters(text)
        guard letters.count >= 4 else { return false }
        return keys.contains { $0.count >= 4 && ($0.hasPrefix(letters) || letters.hasPrefix($0)) }
            || host.count >= 4 && letters.hasPrefix(host)
    }

    private static let separators = [
        " | ", " – ", " — ", " - ", " :: ", " » ", " « ", " · ", " • ", " ~ ", " / ", " < ", " > ", "｜", " – ", " : ",
        " |", "| ",
    ]

    struct Part {
        var text: Substring
        /// The separator before it.
        var separator: String
    }

    /// A title in the parts that separators make of it.
    static func parts(of title: String) -> [Part] {
        let bytes = title.utf8
        var parts: [Part] = []
        var start = bytes.startIndex
        var index = start
        var separator = ""
        while index < bytes.endIndex {
            if index > start, let next = separatorBegins(bytes[index...]) {
                parts.append(Part(text: title[start..<index], separator: separator))
                separator = next
                index = bytes.index(index, offsetBy: next.utf8.count)
                start = index
            } else {
                index = bytes.index(after: index)
            }
        }
        if start < title.endIndex { parts.append(Part(text: title[start...], separator: separator)) }
        return parts
    }

    private static func separatorBegins(_ rest: Substring.UTF8View) -> String? {
        switch rest.first {
        case UInt8(ascii: " "):
            // Nearly every space stands before a word.
            if let next = rest.dropFirst().first, (next | 0x20) &- 0x61 < 26 { return nil }
        case UInt8(ascii: "|"), 0xEF: break
        default: return nil
        }
        return separators.first { rest.starts(with: $0.utf8) }
    }

    /// A title without the site's name at its ends.
    func removed(from title: String) -> String {
        guard title.utf8.count < 1000 else { return title }
        var parts = Self.parts(of: title)
        var isCut = false
        while parts.count > 1, let last = parts.last, isNameAtEnd(last.text) {
            parts.removeLast()
            isCut = true
        }
        while parts.count > 1, let first = parts.first, isName(first.text) {
            parts.removeFirst()
            isCut = true
        }
        if !isCut, keys.isEmpty, parts.count > 1, let last = parts.last,
            [" | ", " – ", " — ", " - ", " :: ", "｜", " |", "| "].contains(last.separator)
        {
            // Without a name to compare with, the short end is the site's where the rest can stand alone.
            let rest = parts.dropLast().map { Text.words($0.text).count }.reduce(0, +)
            if Text.words(last.text).count <= 4, rest >= 3 { parts.removeLast() }
        }
        guard let first = parts.first, let last = parts.last else { return title }
        var text = title[first.text.startIndex..<last.text.endIndex]
        // "Name: title", where nothing but a colon parts them.
        if let colon = text.firstRange(of: ": "), isName(text[..<colon.lowerBound]) { text = text[colon.upperBound...] }
        return Text.clean(String(text)) ?? title
    }
}
