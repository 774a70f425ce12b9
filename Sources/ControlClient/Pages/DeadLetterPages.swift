import ControlAPI
import Document
import JSON

/// Dead letters for people.
public enum DeadLetterPages {
    /// Some of them, one a line.
    public static func table(_ letters: [DeadLetterSummary], _ style: Style, now: Timestamp = .now) -> String {
        guard !letters.isEmpty else { return "There are no dead letters.\n" }
        var table = Table([.number("position"), "when", "source", "what", "reason"])
        for letter in letters {
            table.add([
                .init(String(letter.position)), .init(Amounts.relative(letter.time, to: now)), .init(letter.source),
                .init(TerminalText.cut(TerminalText.line(letter.uri), to: 60)), .init(letter.reason),
            ])
        }
        return table.render(style)
    }

    /// One of them, in full; `json` is the answer of the daemon.
    public static func page(_ json: JSONValue, _ style: Style) throws(ControlFormatError) -> String {
        let letter = try DeadLetterSummary(json: json)
        var page = style.apply(.heading, "dead letter \(letter.position)") + "\n"
        page += "time      \(letter.time?.description ?? "-")\n"
        page += "source    \(TerminalText.line(letter.source))\n"
        page += "uri       \(TerminalText.line(letter.uri))\n"
        page += "reason    \(TerminalText.line(letter.reason))\n"
        page += "attempts  \(letter.attempts)\n"
        for name in ["record", "sink", "media_type"] {
            guard let value = json[name], !value.isNull else { continue }
            let title = name.split(separator: "_").joined(separator: " ")
            page += title + String(repeating: " ", count: max(10 - title.utf8.count, 1))
            page += TerminalText.line(value.string ?? value.description) + "\n"
        }
        if let body = json["body_base64"]?.string {
            page += "body      \(Amounts.size(UInt64(body.utf8.count / 4 * 3))), shown by --json\n"
        }
        if json["trimmed"]?.bool == true { page += "body      gone: its segment was trimmed\n" }
        return page
    }
}
