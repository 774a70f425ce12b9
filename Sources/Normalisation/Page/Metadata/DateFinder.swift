import Document

/// Finds dates in short texts that hold other words too: `By A. Writer · Dec 20, 2025 at 3:00 am`.
struct DateFinder {
    /// How `3/4/2021` is meant; nil where the page's language doesn't tell.
    let dayFirst: Bool?

    /// A date, and what the words before it say of it.
    struct Match {
        var time: Timestamp
        var label: Label
    }

    enum Label { case published, modified, other, none }

    /// - Parameter language: the page's, as declared.
    init(language: String?) {
        let tag = language?.lowercased().replacing("_", with: "-") ?? ""
        if tag == "en-us" || tag == "en-ph" {
            dayFirst = false
        } else {
            dayFirst = tag.isEmpty || tag == "en" ? nil : true
        }
    }

    private struct Token {
        var range: Range<Int>
        var isNumber: Bool
        var digits: Int { isNumber ? range.count : 0 }
    }

    /// The first date of a text that has no others around its parts.
    func find(_ text: String) -> Match? {
        let bytes = Array(text.utf8)
        guard bytes.count <= PageSurvey.longestText * 2 else { return nil }
        let tokens = Self.tokens(bytes)
        for (index, token) in tokens.enumerated() where token.digits == 4 && Self.isYear(bytes[token.range]) {
            guard let (range, time) = date(around: index, tokens, bytes) else { continue }
            let before = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
            return Match(time: time, label: Self.label(before))
        }
        return nil
    }

    private func date(around year: Int, _ tokens: [Token], _ bytes: [UInt8]) -> (Range<Int>, Timestamp)? {
        // The nearest words first: what stands farther off is another thing.
        for (before, after) in [(2, 0), (3, 0), (4, 0), (0, 2), (0, 3), (0, 4)] {
            guard year - before >= 0, year + after < tokens.count else { continue }
            let window = tokens[(year - before)...(year + after)]
            guard let first = window.first, let last = window.last,
                last.range.upperBound - first.range.lowerBound <= 48,
                window.allSatisfy({ belongs($0, bytes) })
            else { continue }
            var end = last.range.upperBound
            // The sign for "day" stands behind the last number.
            if after > 0, last.isNumber, end < bytes.count, bytes[end] >= 0x80 { end = min(end + 3, bytes.count) }
            let range = first.range.lowerBound..<end
            let time = bytes[range].withUnsafeBufferPointer {
                DateParser.parse(utf8: $0, dayFirst: dayFirst, keepsOffset: true)
            }
            if let time, PageDates.isPlausible(time) { return (range, time) }
        }
        return nil
    }

    private func belongs(_ token: Token, _ bytes: [UInt8]) -> Bool {
        if token.isNumber { return token.digits <= 2 || token.digits == 4 }
        let word = String(decoding: bytes[token.range], as: UTF8.self).lowercased()
        return Self.joining.contains(word) || DateNames.month(word) != nil
            || word.utf8.first.map { $0 >= 0x80 } ?? false
    }

    private static let joining: Set<String> = [
        "of", "de", "del", "do", "the", "st", "nd", "rd", "th", "er", "d", "den", "le", "el", "º", "г", "t",
    ]

    private static func isYear(_ bytes: ArraySlice<UInt8>) -> Bool {
        let start = bytes.startIndex
        return bytes[start] == 0x31 && bytes[start + 1] == 0x39 || bytes[start] == 0x32 && bytes[start + 1] == 0x30
    }

    private static func tokens(_ bytes: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var index = 0
        while index < bytes.count, tokens.count < 80 {
            let start = index
            if bytes[index] &- 0x30 < 10 {
                while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
                tokens.append(Token(range: start..<index, isNumber: true))
            } else if isLetter(bytes, index) {
                while index < bytes.count, isLetter(bytes, index), !(bytes[index] &- 0x30 < 10) { index += 1 }
                tokens.append(Token(range: start..<index, isNumber: false))
            } else {
                index += 1
            }
        }
        return tokens
    }

    private static func isLetter(_ bytes: [UInt8], _ index: Int) -> Bool {
        let byte = bytes[index]
        if (byte | 0x20) &- 0x61 < 26 { return true }
        return byte >= 0x80 && byte != 0xC2 && !(byte == 0xE2)
    }

    // MARK: What words say of a date

    /// What a text before a date says of it.
    static func label(_ text: String) -> Label {
        let lower = text.suffix(60).lowercased()
        if others.contains(where: lower.contains) { return .other }
        if updated.contains(where: lower.contains) { return .modified }
        if published.contains(where: lower.contains) { return .published }
        // A label that nobody knows says that it is the day of something else.
        guard lower.last(where: { $0 != " " }) == ":", let word = lower.split(whereSeparator: { !$0.isLetter }).last
        else {
            return .none
        }
        return dateWords.contains(String(word)) ? .none : .other
    }

    /// Days of readers and of events, not of the page.
    private static let others = [
        "joined", "member since", "registered", "registriert", "inscrit", "beigetreten", "expires", "valid until",
        "deadline",
    ]
    /// Words for a date itself, which say nothing more of it.
    private static let dateWords: Set<String> = [
        "date", "datum", "data", "fecha", "dato", "дата", "日期", "时间", "時間", "日時", "日付", "on", "le", "am", "el",
    ]
    private static let updated = [
        "updat", "modif", "revis", "review", "edited", "changed", "aktualisiert", "geändert", "stand:", "mis à jour",
        "mise à jour", "actualizad",
        "atualizad", "aggiornat", "bijgewerkt", "gewijzigd", "更新", "обновл", "oppdatert", "opdateret", "uppdaterad",
        "zaktualizowano", "güncelle", "fact checked", "accessed", "last tested",
    ]
    private static let published = [
        "publi", "posted", "written", "veröffentlicht", "erstellt", "geplaatst", "gepubliceerd", "pubblicat", "发布",
        "發佈", "公開", "опублик", "inlagd", "dodano", "opublikowano", "yayın", "created", "date:", "datum:",
    ]
}
