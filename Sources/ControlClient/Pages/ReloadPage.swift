import ControlAPI

/// What a reload did, for people.
public enum ReloadPage {
    /// Renders the page; `refused` says that the old configuration is still in force.
    public static func render(_ answer: ReloadAnswer, refused: Bool, _ style: Style) -> String {
        var page = ""
        for problem in answer.problems { page += style.apply(.bad, "problem  ") + TerminalText.line(problem) + "\n" }
        if refused { return page + "The configuration was refused; the old one stays in force.\n" }
        for (title, names) in [("added", answer.added), ("removed", answer.removed), ("changed", answer.changed)]
        where !names.isEmpty {
            page += title + String(repeating: " ", count: 9 - title.utf8.count)
            page += TerminalText.line(names.joined(separator: ", ")) + "\n"
        }
        if page.isEmpty { page = "Nothing has changed.\n" }
        if !answer.needsRestart.isEmpty {
            page += style.apply(.warning, "restart  ")
            page +=
                TerminalText.line(answer.needsRestart.joined(separator: ", ")) + " take effect with the next start\n"
        }
        return page
    }
}
