/// What happens to a text on its way from one site to another, or from one day to the next, while it stays the same.
enum SamePairs: String, CaseIterable {
    case headline, byline, dateline, footer, typography, edits, timestamp
    case paragraphAdded = "paragraph_added"
    case paragraphDropped = "paragraph_dropped"
    case shortened
    /// Another headline, a byline, a dateline, a footer and small edits at once.
    case wireCopy = "wire_copy"

    /// The changed copy; nil where the passage is of a form that the change does not fit.
    func copy(of passage: Passage, _ random: inout SeededRandomness) -> Passage? {
        var copy = passage
        switch self {
        case .headline: copy.title = Self.headlines.randomElement(using: &random) ?? ""
        case .byline:
            copy.paragraphs.insert(Self.bylines.randomElement(using: &random) ?? "", at: 0)
        case .dateline:
            copy.paragraphs[0] = (Self.datelines.randomElement(using: &random) ?? "") + copy.paragraphs[0]
        case .footer: copy.paragraphs += Self.footers.randomElement(using: &random) ?? []
        case .paragraphAdded:
            let place = Int.random(in: 0...copy.paragraphs.count, using: &random)
            copy.paragraphs.insert(Self.notices.randomElement(using: &random) ?? "", at: place)
        case .typography: copy.paragraphs = copy.paragraphs.map(Self.typeset)
        case .edits: copy.paragraphs = Self.edit(copy.paragraphs, share: 0.02, &random)
        case .timestamp:
            copy.paragraphs.insert("Updated \(Int.random(in: 2...59, using: &random)) minutes ago", at: 0)
            copy.paragraphs.append("\(Int.random(in: 100...9999, using: &random)) views")
        case .paragraphDropped:
            guard let place = copy.paragraphs.indices.randomElement(using: &random),
                Passage.words(copy.paragraphs[place]).count * 3 < passage.words
            else { return nil }
            copy.paragraphs.remove(at: place)
        case .shortened:
            var left = passage.words * 2 / 3
            copy.paragraphs = copy.paragraphs.compactMap { paragraph in
                let kept = Passage.words(paragraph).prefix(max(0, left))
                left -= kept.count
                return kept.isEmpty ? nil : kept.joined(separator: " ")
            }
        case .wireCopy:
            copy.paragraphs = Self.edit(copy.paragraphs, share: 0.01, &random)
            for change in [Self.headline, .dateline, .byline, .footer] { copy = change.copy(of: copy, &random) ?? copy }
        }
        return copy
    }

    private static func typeset(_ text: String) -> String {
        var result = ""
        var opens = true
        for character in text {
            switch character {
            case "\"":
                result += opens ? "\u{201C}" : "\u{201D}"
                opens.toggle()
            case "'": result += "\u{2019}"
            case "\u{2019}", "\u{2018}": result += "'"
            case "\u{201C}", "\u{201D}": result += "\""
            case "-": result += "\u{2010}"
            default: result.append(character)
            }
        }
        return result
    }

    /// Replaces, drops or adds words, but no figures.
    private static func edit(
        _ paragraphs: [String], share: Double, _ random: inout SeededRandomness
    ) -> [String] {
        paragraphs.map { paragraph in
            var words: [Substring] = []
            for word in Passage.words(paragraph) {
                guard Double.random(in: 0..<1, using: &random) < share, !word.contains(where: \.isNumber) else {
                    words.append(word)
                    continue
                }
                switch Int.random(in: 0..<3, using: &random) {
                case 0: words.append(replacements.randomElement(using: &random) ?? "such")
                case 1: words += [word, replacements.randomElement(using: &random) ?? "such"]
                default: break
                }
            }
            return words.joined(separator: " ")
        }
    }

    private static let replacements: [Substring] = ["also", "nearby", "reported", "earlier", "large", "local", "said"]

    private static let headlines = [
        "What we know so far", "Officials give details of the plan", "A closer look at what happened and why",
        "Five things that changed this week", "Residents wait for answers",
    ]

    private static let bylines = [
        "By Miriam Castellane, staff correspondent", "Reporting by Jonas Thiel in Bremen; editing by R. Okafor",
        "From our correspondent Lucia Ferrante", "Words: Peter Ashdown. Pictures: Noor Haddad",
    ]

    private static let datelines = [
        "LISBON (Agency) - ", "BRUSSELS, Nov 12 (Wire Service) -- ", "Nairobi, Tuesday: ", "OTTAWA, March 3, 2026 - ",
    ]

    private static let notices = [
        """
        Our newsletter brings the most important stories of the day to your inbox each morning at seven. It costs nothing, \
        and you can leave it whenever you like with one click.
        """,
        """
        This article is free to read because readers like you pay for the work of our reporters. If you can, support us \
        with a contribution of any size.
        """,
        "We use cookies to make this site better. By staying here you agree that we may measure how it is used.",
    ]

    private static let footers: [[String]] = [
        [
            """
            Copyright 2026 by the Harbour Press Association. All rights reserved. This material may not be published, \
            broadcast, rewritten or redistributed without permission of the publisher.
            """
        ],
        [
            "Follow us for more stories like this one, and tell us what you think in the comments below.",
            "Have you seen something that we should know about? Write to tips@example.org or call 0555 0199 at any time.",
        ],
        ["This story was provided by a partner agency and was not edited by our newsroom except for the headline."],
        [
            """
            About the author: our correspondents report from forty countries. The opinions in this piece are theirs and \
            do not always agree with those of the newspaper, its publisher or its advertisers.
            """,
            "Correction policy: we correct what is wrong as soon as we learn of it.",
        ],
    ]
}
