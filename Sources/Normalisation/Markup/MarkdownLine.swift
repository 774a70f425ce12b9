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

    // MARK: Emphasis, and links in it

    /// A run or picture, or a link with all that stands in it.
    private struct Piece {
        var parts: ArraySlice<RichContent.Part>
        /// Of a link those that all of it has.
        var marks: RichContent.Marks
        var link: Int?
        /// Whether parts of a link are marked differently.
        var isMixed = false
    }

    private static let emphases: RichContent.Marks = [.strong, .emphasis, .deleted]

    private mutating func write(_ parts: ArraySlice<RichContent.Part>, adding marks: RichContent.Marks) {
        var pieces: [Piece] = []
        for index in parts.indices {
            var piece = Piece(parts: parts[index...index], marks: [], link: nil)
            switch parts[index] {
            case .run(let run):
                piece.marks = run.marks.union(marks).intersection(Self.emphases)
                piece.link = run.link
            case .picture(let picture): piece.link = picture.link
            default: continue
            }
            if piece.link != nil, var last = pieces.last, last.link == piece.link {
                last.parts = parts[last.parts.startIndex...index]
                last.isMixed = last.isMixed || last.marks != piece.marks
                if last.isMixed { last.marks = [] }
                pieces[pieces.count - 1] = last
            } else {
                pieces.append(piece)
            }
        }
        write(pieces[...], next: nil)
    }

    /// - Parameter next: what is written behind them.
    private mutating func write(_ pieces: ArraySlice<Piece>, next: Unicode.Scalar?) {
        var index = pieces.startIndex
        while index < pieces.endIndex {
            var end = index + 1
            while end < pieces.endIndex, pieces[end].marks == pieces[index].marks { end += 1 }
            emphasise(pieces[index..<end], after: end < pieces.endIndex ? first(pieces[end]) : next)
            index = end
        }
    }

    private mutating func emphasise(_ pieces: ArraySlice<Piece>, after: Unicode.Scalar?) {
        guard let marks = pieces.first?.marks, !marks.isEmpty, !endsEmphasis else {
            for piece in pieces { write(piece) }
            endsEmphasis = false
            return
        }
        // Space at the ends stands outside of the delimiters.
        var pieces = pieces
        if trim(&pieces[pieces.startIndex], atEnd: false) { output.append(0x20) }
        let endsWithSpace = trim(&pieces[pieces.endIndex - 1], atEnd: true)
        let isMarked =
            Self.canStand(before: lastScalar, inside: pieces.first.flatMap(first))
            && Self.canStand(before: endsWithSpace ? " " : after, inside: pieces.last.flatMap(last))
        var delimiter: [UInt8] = []
        if isMarked {
            if marks.contains(.deleted) { delimiter += "~~".utf8 }
            if marks.contains(.strong) { delimiter += "**".utf8 }
            if marks.contains(.emphasis) { delimiter.append(UInt8(ascii: "*")) }
        }
        output += delimiter
        for piece in pieces { write(piece) }
        output += delimiter.reversed()
        if endsWithSpace { output.append(0x20) }
        endsEmphasis = isMarked && !endsWithSpace
    }

    /// Takes a space from one end of a run; whether there was one.
    private func trim(_ piece: inout Piece, atEnd: Bool) -> Bool {
        guard piece.link == nil, case .run(var run)? = piece.parts.first, run.range.count > 1,
            content.text[atEnd ? run.range.upperBound - 1 : run.range.lowerBound] == 0x20
        else { return false }
        run.range = atEnd ? run.range.dropLast() : run.range.dropFirst()
        piece.parts = [.run(run)]
        return true
    }

    private mutating func write(_ piece: Piece) {
        guard let link = piece.link else {
            for part in piece.parts { write(part) }
            return
        }
        output.append(UInt8(ascii: "["))
        if piece.isMixed {
            let marks = piece.parts.map { part -> Piece in
                guard case .run(let run) = part else { return Piece(parts: [part], marks: [], link: nil) }
                return Piece(parts: [part], marks: run.marks.intersection(Self.emphases), link: nil)
            }
            endsEmphasis = false
            write(marks[...], next: "]")
        } else {
            for part in piece.parts { write(part) }
        }
        output.append(UInt8(ascii: "]"))
        MarkdownText.append(address: content.links[link], to: &output)
        endsEmphasis = false
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

    private func first(_ piece: Piece) -> Unicode.Scalar? {
        if piece.link != nil { return "[" }
        guard case .run(let run)? = piece.parts.first else { return "!" }
        if run.marks.contains(.code) { return "`" }
        return String(decoding: content.text[run.range].prefix(4), as: UTF8.self).unicodeScalars.first
    }

    private func last(_ piece: Piece) -> Unicode.Scalar? {
        if piece.link != nil { return ")" }
        guard case .run(let run)? = piece.parts.first else { return ")" }
        if run.marks.contains(.code) { return "`" }
        return String(decoding: content.text[run.range].suffix(4), as: UTF8.self).unicodeScalars.last
    }
}
