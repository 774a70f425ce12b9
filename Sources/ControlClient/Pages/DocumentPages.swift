import Document
import JSON

/// Documents for people. They are read as trees, since most of their members are optional.
public enum DocumentPages {
    /// A list, one a line.
    public static func table(_ documents: [JSONValue], _ style: Style, now: Timestamp = .now) -> String {
        guard !documents.isEmpty else { return "There are no documents.\n" }
        var table = Table([.number("position"), "id", "source", "published", "title"])
        for document in documents {
            table.add([
                .init(document["position"]?.integer.map(String.init) ?? "-"),
                .init(document["id"]?.string ?? "-", .faint), .init(document["source"]?.string ?? "-"),
                .init(day(document)), .init(title(document)),
            ])
        }
        return table.render(style)
    }

    /// One line of a stream.
    public static func line(_ document: JSONValue, _ style: Style) -> String {
        let revision = document["revision"]?.integer ?? 1
        var text = style.apply(.faint, TerminalText.line(document["id"]?.string ?? "-")) + "  "
        text += TerminalText.line(document["source"]?.string ?? "-") + "  " + day(document) + "  "
        text += TerminalText.cut(TerminalText.line(title(document)), to: max(style.columns - 60, 30))
        if revision > 1 { text += style.apply(.warning, "  revision \(revision)") }
        if document["duplicate_of"]?.string != nil { text += style.apply(.warning, "  duplicate") }
        return text + "\n"
    }

    /// One document, in full.
    public static func page(_ document: JSONValue, _ style: Style) -> String {
        var page = ""
        if let input = document["input"]?.string { page += style.apply(.faint, TerminalText.line(input)) + "\n" }
        page += style.apply(.heading, TerminalText.line(title(document))) + "\n"
        var facts: [String] = []
        let authors = (document["authors"]?.array ?? []).compactMap(\.string)
        if !authors.isEmpty { facts.append("by " + authors.joined(separator: ", ")) }
        for name in ["site", "published", "language"] {
            if let text = document[name]?.string { facts.append(text) }
        }
        if !facts.isEmpty { page += TerminalText.line(facts.joined(separator: ", ")) + "\n" }
        for name in ["url", "uri"] {
            if let text = document[name]?.string {
                page += TerminalText.line(text) + "\n"
                break
            }
        }
        if let tags = document["tags"]?.array, !tags.isEmpty {
            page += "tags: " + TerminalText.line(tags.compactMap(\.string).joined(separator: ", ")) + "\n"
        }
        let text = document["text"]?.string ?? document["summary"]?.string ?? ""
        if !text.isEmpty {
            page += "\n"
            let columns = min(style.columns, 100)
            for line in TerminalText.lines(text).split(separator: "\n", omittingEmptySubsequences: false) {
                page += TerminalText.wrap(String(line), to: columns).joined(separator: "\n") + "\n"
            }
        }
        page += "\n" + style.apply(.faint, TerminalText.line(footer(document))) + "\n"
        return page
    }

    private static func footer(_ document: JSONValue) -> String {
        var parts = ["id \(document["id"]?.string ?? "-")"]
        for name in ["position", "revision"] {
            if let value = document[name]?.integer { parts.append("\(name) \(value)") }
        }
        if let other = document["duplicate_of"]?.string { parts.append("duplicate of \(other)") }
        for (name, title) in [("images", "images"), ("links", "links"), ("enclosures", "enclosures")] {
            if let count = document[name]?.array?.count, count > 0 { parts.append("\(count) \(title)") }
        }
        for name in ["media_type", "charset"] {
            if let text = document[name]?.string { parts.append(text) }
        }
        if let method = document["extraction"]?["method"]?.string { parts.append("found by \(method)") }
        return parts.joined(separator: ", ")
    }

    private static func title(_ document: JSONValue) -> String {
        if let title = document["title"]?.string, !title.isEmpty { return title }
        if let text = document["text"]?.string ?? document["summary"]?.string, !text.isEmpty {
            return String(text.prefix(while: { $0 != "\n" }).prefix(80))
        }
        return document["url"]?.string ?? document["uri"]?.string ?? "(without title)"
    }

    private static func day(_ document: JSONValue) -> String {
        guard let time = (document["published"] ?? document["modified"])?.string else { return "-         " }
        return TerminalText.line(String(time.prefix(10)))
    }
}
