/// Writes what stands in a block of text, in Markdown.
struct MarkdownLine {
    private let content: RichContent
    private let isInTable: Bool
    private(set) var output: [UInt8] = []
    /// Where the line that is being written begins.
    private var start = 0
    /// Whether the last byte ends emphasis; other emphasis can't begin right behind it.
    private var endsEmphasis = false

    /// How line breaks are written.
    enum Breaks {
        /// As breaks of CommonMark; the next line begins with these bytes.
        case lines(prefix: [UInt8])
        /// Headings and cells have but one line.
        case spaces
    }

    /// The text of `parts`, which are runs, pictures and line breaks.
    static func write(
        _ parts: ArraySlice<RichContent.Part>, of content: RichContent, breaks: Breaks, isInTable: Bool = false,
        adding marks: RichContent.Marks = []
    ) -> [UInt8] {
        var line = MarkdownLine(content: content, isInTable: isInTable)
        var first = parts.startIndex
        for index in parts.indices {
            guard case .lineBreak = parts[index] else { continue }
            line.write(parts[first..<index], adding: marks)
            line.end(breaks)
            first = index + 1
        }
        line.write(parts[first...], adding: marks)
        if case .lines = breaks { MarkdownText.escapeLine(from: line.start, in: &line.output) }
        return line.output
    }

    private init(content: RichContent, isInTable: Bool) {
        self.content = content
        self.isInTable = isInTable
    }

    private mutating func end(_ breaks: Breaks) {
        switch breaks {
        case .spaces: output.append(0x20)
        case .lines(let prefix):
            MarkdownText.escapeLine(from: start, in: &output)
            output += [UInt8(ascii: "\\"), 0x0A]
            output += prefix
            start = output.count
        }
        endsEmphasis = false
    }

    // MARK: Links, then emphasis in them

    private struct Piece {
        var part: RichContent.Part
        var marks: RichContent.Marks
        var link: Int?
    }

    private static let emphases: RichContent.Marks = [.strong, .emphasis, .deleted]

    private mutating func write(_ parts: ArraySlice<RichContent.Part>, adding marks: RichContent.Marks) {
        let pieces = parts.compactMap { part -> Piece? in
            switch part {
            case .run(let run):
                Piece(part: part, marks: run.marks.union(marks).intersection(Self.emphases), link: run.link)
            case .picture(let picture): Piece(part: part, marks: [], link: picture.link)
            default: nil
            }
        }
        var index = 0
        while index < pieces.count {
            var end = index + 1
            while end < pieces.count, pieces[end].link == pieces[index].link { end += 1 }
            if let link = pieces[index].link {
                output.append(UInt8(ascii: "["))
                endsEmphasis = false
                write(pieces[index..<end], next: UInt8(ascii: "]"))
                output.append(UInt8(ascii: "]"))
                MarkdownText.append(address: content.links[link], to: &output)
                endsEmphasis = false
            } else {
                write(pieces[index..<end], next: end < pieces.count ? UInt8(ascii: "[") : nil)
            }
            index = end
        }
    }

    /// - Parameter next: what is written behind them.
    private mutating func write(_ pieces: ArraySlice<Piece>, next: UInt8?) {
        var index = pieces.startIndex
        while index < pieces.endIndex {
            var end = index + 1
            while end < pieces.endIndex, pieces[end].marks == pieces[index].marks { end += 1 }
            let after = end < pieces.endIndex ? first(pieces[end].part) : next.map { Unicode.Scalar($0) }
            emphasise(pieces[index..<end], after: after)
            index = end
        }
    }

    private mutating func emphasise(_ pieces: ArraySlice<Piece>, after: Unicode.Scalar?) {
        guard let piece = pieces.first, let last = pieces.last else { return }
        let marks = piece.marks
        let isMarked =
            !marks.isEmpty && !endsEmphasis
            && Self.canStand(before: lastScalar, inside: first(piece.part))
            && Self.canStand(before: after, inside: self.last(last.part))
        let delimiter =
            !isMarked
            ? []
            : (marks.contains(.deleted) ? Array("~~".utf8) : [])
                + (marks.contains(.strong) ? Array("**".utf8) : []) + (marks.contains(.emphasis) ? Array("*".utf8) : [])
        output += delimiter
        for piece in pieces { write(piece.part) }
        output += delimiter.reversed()
        endsEmphasis = isMarked
    }

    private mutating func write(_ part: RichContent.Part) {
        switch part {
        case .run(let run):
            let text = content.text[run.range]
            if run.marks.contains(.code) {
                MarkdownText.append(code: text, isInTable: isInTable, to: &output)
            } else {
                MarkdownText.append(text, isInTable: isInTable, to: &output)
            }
        case .picture(let picture):
            output += [UInt8(ascii: "!"), UInt8(ascii: "[")]
            MarkdownText.append(Array((picture.description ?? "").utf8)[...], isInTable: isInTable, to: &output)
            output.append(UInt8(ascii: "]"))
            MarkdownText.append(address: picture.url, to: &output)
        default: break
        }
    }

    // MARK: Where emphasis can begin and end

    /// Whether CommonMark takes a delimiter between these two for one (section 6.2, left- and right-flanking): what is
    /// inside is no space, and no punctuation unless there is space or punctuation outside as well.
    private static func canStand(before outside: Unicode.Scalar?, inside: Unicode.Scalar?) -> Bool {
        guard let inside, !inside.properties.isWhitespace else { return false }
        guard isPunctuation(inside) else { return true }
        return outside.map { $0.properties.isWhitespace || isPunctuation($0) } ?? true
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            true
        default: false
        }
    }

    /// The last character of the line so far.
    private var lastScalar: Unicode.Scalar? {
        String(decoding: output[start...].suffix(4), as: UTF8.self).unicodeScalars.last
    }

    private func first(_ part: RichContent.Part) -> Unicode.Scalar? {
        guard case .run(let run) = part else { return "!" }
        if run.marks.contains(.code) { return "`" }
        return String(decoding: content.text[run.range].prefix(4), as: UTF8.self).unicodeScalars.first
    }

    private func last(_ part: RichContent.Part) -> Unicode.Scalar? {
        guard case .run(let run) = part else { return ")" }
        if run.marks.contains(.code) { return "`" }
        return String(decoding: content.text[run.range].suffix(4), as: UTF8.self).unicodeScalars.last
    }
}
