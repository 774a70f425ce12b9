/// Writes content as CommonMark with GitHub's tables and strike-through, without any HTML in it.
struct MarkdownWriter {
    private let content: RichContent
    private var output: [UInt8] = []
    /// What lines of the open blocks begin with.
    private var prefix: [UInt8] = []
    /// How many bytes of it each open block has added.
    private var open: [Open] = []
    /// How what comes next is parted from what was written.
    private var gap = Gap.none
    /// The last list that ended, where nothing was written since: another one behind it needs another marker.
    private var lastList: (isOrdered: Bool, usesOther: Bool)?

    private enum Gap { case none, line, paragraph }

    private struct Open {
        var block: RichContent.Block
        var added = 0
        /// Of lists: the number of the next item.
        var number = 0
        var usesOtherMarker = false
        /// Of items: how many blocks stand in it that are no lists.
        var blocks = 0
    }

    /// The content as Markdown.
    static func write(_ content: RichContent) -> [UInt8] {
        var writer = MarkdownWriter(content: content)
        writer.run()
        return writer.output
    }

    private init(content: RichContent) {
        self.content = content
        output.reserveCapacity(content.text.count * 5 / 4)
    }

    private mutating func run() {
        var index = 0
        while index < content.parts.count {
            switch content.parts[index] {
            case .begin(.table):
                let end = self.end(of: .table, from: index)
                table(content.parts[(index + 1)..<end])
                index = end
            case .begin(let block) where block.holdsText:
                let end = self.end(of: block, from: index)
                text(content.parts[(index + 1)..<end], in: block)
                index = end
            case .begin(let block): begin(block)
            case .end(let block): end(block)
            case .rule:
                beginBlock()
                output += "---".utf8
                gap = .paragraph
            default: break
            }
            index += 1
        }
    }

    private func end(of block: RichContent.Block, from start: Int) -> Int {
        var index = start
        while index < content.parts.count {
            if case .end(block) = content.parts[index] { return index }
            index += 1
        }
        return index
    }

    // MARK: Blocks of blocks

    private mutating func begin(_ block: RichContent.Block) {
        switch block {
        case .list(let start):
            let isOrdered = start != nil
            let usesOther = lastList.map { $0.isOrdered == isOrdered && !$0.usesOther } ?? false
            // A list right behind the text of its item belongs to it.
            if case .item = open.last?.block, gap == .paragraph, open.last?.blocks == 1 { gap = .line }
            open.append(Open(block: block, number: start ?? 0, usesOtherMarker: usesOther))
        case .definitions: open.append(Open(block: block, usesOtherMarker: lastList?.isOrdered == false))
        case .item: beginItem()
        case .definition:
            // Without a term of its own it is an item itself.
            if case .term = open.last?.block { return }
            beginItem()
        case .quote:
            beginBlock()
            countBlock()
            prefix += "> ".utf8
            output += "> ".utf8
            open.append(Open(block: block, added: 2))
        default: open.append(Open(block: block))
        }
    }

    private mutating func beginItem() {
        beginBlock()
        guard let list = open.indices.last else { return }
        var marker = open[list].usesOtherMarker ? "* " : "- "
        if case .list(start: .some) = open[list].block {
            marker = "\(open[list].number)\(open[list].usesOtherMarker ? ")" : ".") "
            open[list].number += 1
        }
        output += marker.utf8
        prefix += [UInt8](repeating: 0x20, count: marker.utf8.count)
        open.append(Open(block: .item, added: marker.utf8.count))
    }

    private mutating func end(_ block: RichContent.Block) {
        // A definition stands in the item that its term has begun.
        if block == .definition, case .term = open.last?.block { return }
        if block == .definitions, case .term = open.last?.block { close() }
        let last = close()
        switch block {
        case .list(let start): lastList = (start != nil, last?.usesOtherMarker ?? false)
        case .definitions: lastList = (false, last?.usesOtherMarker ?? false)
        case .item, .definition:
            // Items of one line each stand close together.
            gap = (last?.blocks ?? 0) > 1 ? .paragraph : .line
            return
        default: break
        }
        gap = .paragraph
    }

    @discardableResult private mutating func close() -> Open? {
        guard let last = open.popLast() else { return nil }
        prefix.removeLast(min(last.added, prefix.count))
        return last
    }

    /// Goes to where a block begins.
    private mutating func beginBlock() {
        if gap == .paragraph { newLine(isBlank: true) }
        if gap != .none { newLine(isBlank: false) }
        gap = .none
        lastList = nil
    }

    private mutating func countBlock() {
        if let last = open.indices.last { open[last].blocks += 1 }
    }

    private mutating func newLine(isBlank: Bool) {
        output.append(0x0A)
        guard isBlank else {
            output += prefix
            return
        }
        // A line of nothing but marks of quotations.
        var end = prefix.count
        while end > 0, prefix[end - 1] == 0x20 { end -= 1 }
        output += prefix[..<end]
    }

    // MARK: Blocks of text

    private mutating func text(_ parts: ArraySlice<RichContent.Part>, in block: RichContent.Block) {
        if case .term = block {
            if case .term = open.last?.block {
                close()
                gap = .paragraph
            }
            beginItem()
            open[open.count - 1].block = .term
            output += MarkdownLine.write(parts, of: content, breaks: .lines(prefix: prefix), adding: .strong)
            gap = .paragraph
            return
        }
        beginBlock()
        countBlock()
        switch block {
        case .heading(let level):
            output += [UInt8](repeating: UInt8(ascii: "#"), count: level)
            output.append(0x20)
            output += MarkdownLine.write(parts, of: content, breaks: .spaces)
            // Number signs at the end would be taken for the heading's own.
            if output.last == UInt8(ascii: "#") { output.insert(UInt8(ascii: "\\"), at: output.count - 1) }
        case .code(let language): code(parts, language)
        default: output += MarkdownLine.write(parts, of: content, breaks: .lines(prefix: prefix))
        }
        gap = .paragraph
    }

    private mutating func code(_ parts: ArraySlice<RichContent.Part>, _ language: String?) {
        var code: [UInt8] = []
        for case .run(let run) in parts { code += content.text[run.range] }
        let fence = [UInt8](repeating: UInt8(ascii: "`"), count: max(3, MarkdownText.longestFence(in: code[...]) + 1))
        output += fence
        if let language { output += language.utf8 }
        for line in code.split(separator: 0x0A, omittingEmptySubsequences: false) {
            newLine(isBlank: line.isEmpty)
            output += line
        }
        newLine(isBlank: false)
        output += fence
    }

    private mutating func table(_ parts: ArraySlice<RichContent.Part>) {
        let table = MarkdownTable(parts, of: content)
        if let caption = table.caption {
            text(caption, in: .paragraph)
        }
        guard !table.rows.isEmpty else { return }
        beginBlock()
        countBlock()
        for (index, line) in table.lines.enumerated() {
            if index > 0 { newLine(isBlank: false) }
            output += line
        }
        gap = .paragraph
    }
}
