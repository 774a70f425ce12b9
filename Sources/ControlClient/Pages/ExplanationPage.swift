import JSON

/// Why an input became what it did, for people (`preview --explain`).
public enum ExplanationPage {
    /// All of it: what the input was taken for, and of a page its kind, its fields and its blocks.
    public static func page(_ explanation: JSONValue, _ style: Style) -> String {
        var page = style.apply(.heading, "Why") + "\n" + input(explanation)
        if let kind = explanation["page"] { page += self.kind(kind) }
        if let fields = explanation["fields"] { page += "\n" + self.fields(fields, style) }
        if let content = explanation["content"] { page += "\n" + self.content(content, style) }
        return page
    }

    private static func input(_ explanation: JSONValue) -> String {
        var line = "taken for \(text(explanation["taken_for"])) because \(text(explanation["because"]))"
        if let declared = explanation["declared"]?.string { line += " (declared: \(TerminalText.line(declared)))" }
        if let charset = explanation["charset"] {
            line += "\nread as \(text(charset["name"])) because \(text(charset["because"]))"
        }
        return line + "\n"
    }

    private static func kind(_ page: JSONValue) -> String {
        let probabilities = (page["probabilities"]?.object ?? [:]).compactMapValues(\.number)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let others = probabilities.map { "\(TerminalText.line($0.key)) \(share($0.value))" }
        return "kind of page: \(text(page["kind"])) (\(others.joined(separator: ", ")))\n"
    }

    // MARK: Fields

    /// In the order of the document.
    private static let names = [
        "title", "authors", "published", "modified", "site", "language", "canonical", "summary", "tags", "image",
    ]

    private static func fields(_ fields: JSONValue, _ style: Style) -> String {
        var table = Table(["field", "", "evidence", .number("weight"), "value"])
        for name in names {
            guard let field = fields[name] else { continue }
            if field["value"] == nil {
                table.add([.init(name), "none", "-", "-", "-"])
            } else {
                table.add(row(name, .init("won", .good), field, value: nil))
            }
            for other in field["others"]?.array ?? [] {
                let agrees = other["value"] == field["value"]
                table.add(row("", .init(agrees ? "agrees" : "lost", .faint), other, value: .faint))
            }
        }
        return table.render(style)
    }

    private static func row(
        _ name: String, _ verdict: Table.Cell, _ candidate: JSONValue, value role: Style.Role?
    ) -> [Table.Cell] {
        let weight = candidate["score"]?.number.map { "\(($0 * 10).rounded() / 10)" } ?? "-"
        let note = candidate["note"]?.string.map { " (\($0))" } ?? ""
        return [
            .init(name), verdict, .init(candidate["evidence"]?.string ?? "-"), .init(weight),
            .init((candidate["value"]?.string ?? "-") + note, role),
        ]
    }

    // MARK: Blocks

    private static func content(_ content: JSONValue, _ style: Style) -> String {
        let kept = content["kept"]?.integer ?? 0
        let cut = content["cut"]?.integer ?? 0
        var page = "text from \(text(content["from"])): \(kept) kept, \(cut) cut, where content is less probable than "
        page += share(content["threshold"]?.number ?? 0) + "\n"
        if content["sees_hidden"]?.bool == true {
            page += "what is hidden counts too, since next to nothing is shown without it\n"
        }
        let blocks = content["blocks"]?.array ?? []
        var table = Table(["", .number("score"), .number("words"), "in", "text"])
        for block in blocks {
            let isKept = block["kept"]?.bool ?? false
            let why = block["why"]?.string.map { " (\($0))" } ?? ""
            table.add([
                isKept ? .init("kept", .good) : .init("cut", .warning),
                .init(share(block["score"]?.number ?? 0)), .init(block["words"]?.integer ?? 0),
                .init(block["in"]?.string ?? "-", .faint),
                .init((block["text"]?.string ?? "") + why, isKept ? nil : .faint),
            ])
        }
        page += "\n" + table.render(style)
        let more = kept + cut - Int64(blocks.count)
        return more > 0 ? page + "and \(more) more blocks\n" : page
    }

    private static func text(_ value: JSONValue?) -> String { TerminalText.line(value?.string ?? "-") }

    /// Two digits behind the point.
    private static func share(_ value: Double) -> String {
        let hundredths = Int(min(max(value, 0), 1) * 100 + 0.5)
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
