/// Puts blocks and text together so that they nest as HTML allows, and leaves out what stays empty.
///
/// A block is written when the first text in it comes. Text that stands where only blocks may gets a paragraph, an item
/// without its list gets one, and a block in a heading or cell breaks the line there.
struct RichContentBuilder {
    typealias Block = RichContent.Block
    typealias Marks = RichContent.Marks

    private(set) var content = RichContent()
    /// The marks of the text that comes next.
    var marks: Marks = []
    /// The link that it is a part of.
    var link: Int?

    private struct Open {
        var block: Block
        /// Whether it was opened because text or an item needed it, so that the next block closes it.
        var isImplied: Bool
        var isWritten = false
        /// Whether anything stands in it.
        var isFilled = false
        /// Cells of a row before the first that is filled.
        var emptyCells: [Block] = []
    }

    private var open: [Open] = []
    /// White space behind the last text, with the marks that all of it has.
    private var space: (marks: Marks, link: Int?)?
    private var breaks = 0
    private var hasRule = false
    /// White space of code that is written only when something follows it.
    private var codeSpace: [UInt8] = []

    private var isFull: Bool { content.parts.count >= RichContent.maximumParts }

    // MARK: Blocks

    /// Opens a block; returns how many to close when its element ends, for ``close(to:)``.
    mutating func open(_ block: Block) -> Int? {
        border()
        while open.last?.block == .paragraph || open.last?.block == .plain { closeLast() }
        // In a heading, a cell or code there are only lines.
        if let top = open.last?.block, top.holdsText { return nil }
        guard open.count < RichContent.maximumDepth || block.holdsText else { return nil }
        switch block {
        case .row, .cell, .tableCaption: break
        default:
            // What is no part of a table can't stand between its parts, so it ends the table.
            while open.last?.block == .table || open.last?.block == .row { closeLast() }
        }
        var depth = open.count
        switch block {
        case .item:
            openList {
                if case .list = $0 { true } else { false }
            } or: {
                .list(start: nil)
            }
        case .term, .definition:
            openList {
                $0 == .definitions
            } or: {
                .definitions
            }
        case .row: if open.last?.block != .table { return nil }
        case .cell: if open.last?.block != .row { return nil }
        case .tableCaption: if open.last?.block != .table { return nil }
        case .caption where open.last?.block != .figure:
            openItem()
            open.append(Open(block: .paragraph, isImplied: false))
            return depth
        case .caption: break
        default: openItem()
        }
        // With what had to be opened around it, which is there already when the same is read again.
        guard open.count < RichContent.maximumDepth || block.holdsText else {
            close(to: depth)
            return nil
        }
        // A list that was implied goes on behind its item.
        if open.last?.isImplied ?? false, open.last?.block.holdsBlocks == false { depth = open.count }
        open.append(Open(block: block, isImplied: false))
        return depth
    }

    /// Closes what was opened since there were so many.
    mutating func close(to depth: Int) {
        while open.count > depth { closeLast() }
    }

    /// Where one block-level element ends or begins: what was opened for text ends there.
    mutating func border() {
        while let top = open.last, top.isImplied, top.block.holdsText { closeLast() }
        guard let top = open.last, top.block.holdsText else { return }
        if case .code = top.block { return endLine() }
        // A paragraph that holds an element of block level goes on behind it.
        if top.block == .paragraph || top.block == .plain { return splitParagraph() }
        if top.isWritten { breaks = max(breaks, 1) }
        space = nil
    }

    /// The list that the next item stands in: the one that is open, or a new one.
    private mutating func openList(_ isList: (Block) -> Bool, or make: () -> Block) {
        var index = open.count
        while index > 0 {
            if isList(open[index - 1].block) { return close(to: index) }
            guard open[index - 1].isImplied else { break }
            index -= 1
        }
        openItem()
        open.append(Open(block: make(), isImplied: true))
    }

    /// Closes lists that were implied, and gives a block that stands in a list itself an item.
    private mutating func openItem() {
        while let top = open.last, top.isImplied, !top.block.holdsBlocks { closeLast() }
        guard let top = open.last else { return }
        switch top.block {
        case .list:
            // It belongs to the item before it.
            if case .end(.item) = content.parts.last, top.isWritten {
                content.parts.removeLast()
                open.append(Open(block: .item, isImplied: true, isWritten: true, isFilled: true))
            } else {
                open.append(Open(block: .item, isImplied: true))
            }
        case .definitions: open.append(Open(block: .definition, isImplied: true))
        default: break
        }
    }

    private mutating func closeLast() {
        guard let last = open.popLast() else { return }
        space = nil
        breaks = 0
        codeSpace = []
        if last.isWritten {
            content.parts.append(.end(last.block))
        } else if case .cell = last.block, let row = open.indices.last {
            if !open[row].isWritten {
                if open[row].emptyCells.count < Self.maximumColumns { open[row].emptyCells.append(last.block) }
            } else if !isFull {
                content.parts += [.begin(last.block), .end(last.block)]
            }
        }
    }

    /// Columns that a table has at most, spanned ones included.
    static let maximumColumns = 1000

    // MARK: What stands in blocks

    /// Whether what comes next is written as it is.
    var isInCode: Bool {
        if case .code = open.last?.block { return true }
        return false
    }

    /// Whether the block that the next text stands in has none yet.
    var isAtStart: Bool { open.last.map { !$0.block.holdsText || !$0.isFilled } ?? true }

    /// White space between words.
    mutating func addSpace() {
        if isInCode { return }
        guard let old = space else {
            space = (marks, link)
            return
        }
        space = (old.marks.intersection(marks), old.link == link ? link : nil)
    }

    /// Text without white space; outside of code.
    mutating func add(word bytes: UnsafeBufferPointer<UInt8>) {
        guard prepare() else { return }
        // Headings are strong already.
        let marks = open.last?.block.isStrong ?? false ? self.marks.subtracting(.strong) : self.marks
        if let space, case .run(let last) = content.parts.last {
            // Space belongs to what both sides share, so that no emphasis or link begins or ends with it.
            append(
                Self.oneSpace, marks: space.marks.intersection(last.marks).intersection(marks),
                link: last.link == link && space.link == link ? link : nil)
        } else if space != nil, case .picture = content.parts.last {
            append(Self.oneSpace, marks: [], link: nil)
        }
        space = nil
        append(bytes, marks: marks, link: link)
    }

    private static let oneSpace = [UInt8(ascii: " ")]

    /// A piece of code, with its white space; that at the end, and empty lines at the beginning, are left out.
    mutating func add(code bytes: UnsafeBufferPointer<UInt8>) {
        let end = (bytes.lastIndex { $0 > 0x20 } ?? -1) + 1
        if end > 0 {
            let isFirst = open.last?.isFilled == false
            guard prepare() else { return }
            codeSpace.append(contentsOf: bytes[..<end])
            append(isFirst ? codeSpace.drop { $0 == 0x0A } : codeSpace[...], marks: [], link: nil)
            codeSpace.removeAll(keepingCapacity: true)
        }
        codeSpace.append(contentsOf: bytes[end...])
    }

    /// A line ends; two in a row end a paragraph.
    mutating func addBreak() {
        if isInCode {
            codeSpace.append(0x0A)
            return
        }
        space = nil
        guard let top = open.last, top.block.holdsText, top.isFilled else { return }
        breaks += 1
        if breaks > 1, top.block == .paragraph || top.block == .plain { splitParagraph() }
    }

    mutating func add(_ picture: RichContent.Picture) {
        if isInCode { return }
        guard prepare() else { return }
        var picture = picture
        picture.link = link
        picture.description = picture.description.map(NormalForm.compose)
        if space != nil {
            switch content.parts.last {
            case .run, .picture: append(Self.oneSpace, marks: [], link: nil)
            default: break
            }
        }
        space = nil
        content.parts.append(.picture(picture))
    }

    /// A line across the page.
    mutating func addRule() {
        border()
        if open.last?.block.holdsText ?? false { return }
        hasRule = true
    }

    /// Where a link leads; what is not safe leads nowhere.
    mutating func beginLink(_ url: String?) {
        link = nil
        guard let url else { return }
        link = content.links.count
        content.links.append(url)
    }

    private mutating func append(_ bytes: some Collection<UInt8>, marks: Marks, link: Int?) {
        let start = content.text.count
        content.text.append(contentsOf: bytes)
        if case .run(var last) = content.parts.last, last.marks == marks, last.link == link,
            last.range.upperBound == start
        {
            last.range = last.range.lowerBound..<content.text.count
            content.parts[content.parts.count - 1] = .run(last)
        } else {
            content.parts.append(
                .run(RichContent.Run(range: start..<content.text.count, marks: marks, link: link)))
        }
    }

    /// Opens what text needs and writes what is open; false when there is no room any more.
    private mutating func prepare() -> Bool {
        if isFull { return false }
        if open.last?.block.holdsText != true {
            openItem()
            var block = Block.paragraph
            switch open.last?.block {
            case .item, .definition, .figure: if open.last?.isFilled == false { block = .plain }
            case .table, .row: return false
            default: break
            }
            open.append(Open(block: block, isImplied: true))
        }
        if open.last?.isWritten != true { writeOpen() }
        for _ in 0..<min(breaks, 2) {
            content.parts.append(.lineBreak)
            space = nil
        }
        breaks = 0
        return true
    }

    private mutating func writeOpen() {
        var first = open.count
        while first > 0, !open[first - 1].isWritten { first -= 1 }
        if hasRule {
            let place = first > 0 ? open[first - 1].block.holdsBlocks : true
            if place, case .end = content.parts.last { content.parts.append(.rule) }
            hasRule = false
        }
        if first > 0 { open[first - 1].isFilled = true }
        for index in first..<open.count {
            content.parts.append(.begin(open[index].block))
            open[index].isWritten = true
            open[index].isFilled = true
            for cell in open[index].emptyCells { content.parts += [.begin(cell), .end(cell)] }
            open[index].emptyCells = []
        }
    }

    /// Ends the paragraph; what comes next in it begins another.
    private mutating func splitParagraph() {
        space = nil
        breaks = 0
        guard let last = open.indices.last, open[last].isWritten else { return }
        content.parts.append(.end(open[last].block))
        open[last] = Open(block: .paragraph, isImplied: open[last].isImplied)
    }

    // MARK: Code

    /// In code, elements of block level stand on lines of their own.
    private mutating func endLine() {
        if codeSpace.last != 0x0A, open.last?.isFilled ?? false { codeSpace.append(0x0A) }
    }

    /// Brings the text to normal form C before it is escaped: some characters become ASCII marks by it.
    private mutating func compose() {
        var text: [UInt8] = []
        text.reserveCapacity(content.text.count)
        for index in content.parts.indices {
            guard case .run(var run) = content.parts[index] else { continue }
            let start = text.count
            text += NormalForm.compose(Array(content.text[run.range]))
            run.range = start..<text.count
            content.parts[index] = .run(run)
        }
        content.text = text
    }

    /// Closes everything.
    mutating func finish() -> RichContent {
        close(to: 0)
        if content.text.withUnsafeBufferPointer(NormalForm.mayChange) { compose() }
        return content
    }
}
