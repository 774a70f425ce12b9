/// Two documents that look alike and are not the same.
enum DifferentPairs: String, CaseIterable {
    /// Two pages of the collection, set in the same long notice, as by one site's template.
    case template
    /// The two halves of one long page: the same subject, the same words.
    case topic
    /// A page, and another one that quotes a fifth of its words.
    case quotation
    /// The same passage with all its figures changed.
    case figures
    /// Reports of one form about other days and other figures.
    case reports
    /// Announcements of one form about other people and places.
    case forms

    /// The second of the pair, and the first as it has to look for that; nil where the passage does not fit.
    func pair(
        from passage: Passage, and other: Passage, _ random: inout SeededRandomness
    ) -> (Passage, Passage)? {
        switch self {
        case .template:
            let (first, second) = (passage.cut(to: 220), other.cut(to: 220))
            guard first.words >= 100, second.words >= 100 else { return nil }
            return (first.framed(by: Self.frame), second.framed(by: Self.frame))
        case .topic:
            let middle = passage.paragraphs.count / 2
            guard middle >= 3 else { return nil }
            let first = Passage(title: passage.title, paragraphs: Array(passage.paragraphs[..<middle]))
            let second = Passage(title: passage.title, paragraphs: Array(passage.paragraphs[middle...]))
            return first.words >= 80 && second.words >= 80 ? (first, second) : nil
        case .quotation:
            let first = passage.cut(to: 600)
            let quotation = first.cut(to: first.words / 5)
            var second = other.cut(to: 600)
            guard first.words >= 150, second.words >= 150, quotation.words * 3 < second.words else { return nil }
            second.paragraphs.insert(contentsOf: quotation.paragraphs, at: second.paragraphs.count / 2)
            return (first, second)
        case .figures:
            let cut = passage.cut(to: 300)
            guard cut.words >= 60, cut.figures >= 4 else { return nil }
            return (cut, cut.withOtherFigures(&random))
        case .reports: return (Self.report(&random), Self.report(&random))
        case .forms:
            let first = Self.form(&random)
            var second = Self.form(&random)
            while second.title == first.title { second = Self.form(&random) }
            return (first, second)
        }
    }

    private static let frame = [
        """
        Welcome to the reading room of the Alder Valley gazette. Please sign in to keep articles for later, to write \
        comments and to change how this page looks. Members read without interruptions.
        """,
        """
        The Alder Valley gazette is published by a foundation and belongs to nobody. Contact the desk on workdays between \
        nine and five. Printing, linking and quoting are welcome as long as the source is named beside it.
        """,
    ]

    private static func report(_ random: inout SeededRandomness) -> Passage {
        func figure(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
        let number = figure(100...9999)
        return Passage(
            title: "River report \(number)",
            paragraphs: [
                """
                Report \(number) of the river office, for the morning of day \(figure(1...365)). At the weir the gauge \
                stood at \(figure(80...400)) centimetres and the flow was \(figure(5...95)) cubic metres a second. The \
                water had \(figure(1...24)) degrees at the surface.
                """,
                """
                At the upper lock the gauge stood at \(figure(80...400)) centimetres. \(figure(2...90)) boats went up and \
                \(figure(2...90)) went down. The gates were opened for \(figure(15...600)) minutes in all, and the pumps \
                took \(figure(100...999)) kilowatt hours. The next report follows at the usual hour.
                """,
            ])
    }

    private static let people = [
        "Ada Brandt", "Bela Novak", "Carla Mendes", "David Osei", "Elin Strand", "Farid Aziz", "Greta Holm",
        "Hugo Lang",
    ]
    private static let places = [
        "the town hall", "the old mill", "the school in Weir Lane", "the library", "Saint Anne's church",
        "the boathouse",
    ]
    private static let subjects = [
        "the history of locks on the lower river and the families who kept them",
        "how to prune apple trees in a cold spring and what to do about canker",
        "a walk along the border in the year when the railway was torn up",
        "songs of the bargemen, with a choir of thirty voices and two fiddles",
        "what the new drainage rules mean for owners of meadows and small woods",
        "the birds that came back to the flood plain after the gravel works had closed",
    ]

    private static func form(_ random: inout SeededRandomness) -> Passage {
        let person = people.randomElement(using: &random) ?? ""
        let place = places.randomElement(using: &random) ?? ""
        let subject = subjects.randomElement(using: &random) ?? ""
        return Passage(
            title: "An evening with \(person)",
            paragraphs: [
                """
                The association invites everybody to an evening with \(person) in \(place). The subject is \(subject). \
                Doors open half an hour before the beginning, and there is tea.
                """,
                "\(person) will answer questions afterwards. Members pay nothing; guests are asked for a small donation.",
            ])
    }
}

extension Passage {
    /// Its first words.
    func cut(to words: Int) -> Passage {
        var left = words
        let cut = paragraphs.compactMap { paragraph -> String? in
            let kept = Self.words(paragraph).prefix(max(0, left))
            left -= kept.count
            return kept.isEmpty ? nil : kept.joined(separator: " ")
        }
        return Passage(title: title, paragraphs: cut)
    }

    func framed(by frame: [String]) -> Passage {
        Passage(title: title, paragraphs: [frame[0]] + paragraphs + frame.dropFirst())
    }

    /// Words with digits.
    var figures: Int {
        paragraphs.reduce(0) { $0 + Self.words($1).count { $0.contains { ("0"..."9").contains($0) } } }
    }

    func withOtherFigures(_ random: inout SeededRandomness) -> Passage {
        var changed = self
        changed.paragraphs = paragraphs.map { paragraph in
            String(
                paragraph.map { character in
                    ("0"..."9").contains(character)
                        ? Character("\(Int.random(in: 0...9, using: &random))") : character
                })
        }
        return changed
    }
}
