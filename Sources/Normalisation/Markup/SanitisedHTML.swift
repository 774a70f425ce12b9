/// Writes content as HTML that nothing survives in but what is written here: no byte of the source's markup, only a fixed
/// set of elements, with addresses that ``SafeAddress`` let through and text that is escaped.
///
/// What it writes is the same again when it is parsed and written once more; nothing in it has another meaning in another
/// place (no raw text elements, no comments, no foreign content), so moving it about does not change it.
struct SanitisedHTML {
    private let content: RichContent
    private var output: [UInt8] = []
    private var marks: RichContent.Marks = []
    private var link: Int?
    /// Elements of marks from the outermost.
    private static let markNames: [(RichContent.Marks, StaticString)] = [
        (.deleted, "del"), (.strong, "strong"), (.emphasis, "em"), (.lowered, "sub"), (.raised, "sup"), (.code, "code"),
    ]

    /// The content as a fragment that can stand in a `body`.
    static func write(_ content: RichContent) -> [UInt8] {
        var writer = SanitisedHTML(content)
        for part in content.parts { writer.write(part) }
        if writer.output.last == 0x0A { writer.output.removeLast() }
        return writer.output
    }

    private init(_ content: RichContent) {
        self.content = content
        output.reserveCapacity(content.text.count * 5 / 4 + content.parts.count * 8)
    }

    private mutating func write(_ part: RichContent.Part) {
        switch part {
        case .begin(let block): begin(block)
        case .end(let block): end(block)
        case .run(let run):
            change(to: run.marks, link: run.link)
            write(content.text[run.range])
        case .picture(let picture):
            change(to: [], link: picture.link)
            write(picture)
        case .lineBreak:
            change(to: [], link: nil)
            add("<br>")
        case .rule: add("<hr>\n")
        }
    }

    // MARK: Blocks

    private mutating func begin(_ block: RichContent.Block) {
        switch block {
        case .plain: break
        case .code(let language):
            add("<pre><code")
            if let language { attribute("class", "language-" + language) }
            add(">")
        case .list(let start?):
            add("<ol")
            if start != 1 { attribute("start", start) }
            add(">\n")
        case .cell(let isHeader, let columns, let rows):
            add(isHeader ? "<th" : "<td")
            if columns > 1 { attribute("colspan", columns) }
            if rows > 1 { attribute("rowspan", rows) }
            add(">")
        default:
            // What follows text in an item, such as a list, begins on a line of its own.
            if !block.holdsText, output.last != 0x0A, output.last != UInt8(ascii: ">"), !output.isEmpty { add("\n") }
            add("<")
            add(Self.name(block))
            add(">")
            switch block {
            case .quote, .list, .definitions, .table: add("\n")
            default: break
            }
        }
    }

    private mutating func end(_ block: RichContent.Block) {
        change(to: [], link: nil)
        switch block {
        case .plain: return
        case .code: add("</code></pre>")
        default:
            add("</")
            add(Self.name(block))
            add(">")
        }
        if case .cell = block { return }
        add("\n")
    }

    private static func name(_ block: RichContent.Block) -> StaticString {
        switch block {
        case .quote: "blockquote"
        case .figure: "figure"
        case .item: "li"
        case .definition: "dd"
        case .list(start: nil): "ul"
        case .list: "ol"
        case .definitions: "dl"
        case .table: "table"
        case .row: "tr"
        case .paragraph, .plain: "p"
        case .heading(1): "h1"
        case .heading(2): "h2"
        case .heading(3): "h3"
        case .heading(4): "h4"
        case .heading(5): "h5"
        case .heading: "h6"
        case .term: "dt"
        case .caption: "figcaption"
        case .tableCaption: "caption"
        case .cell(let isHeader, _, _): isHeader ? "th" : "td"
        case .code: "pre"
        }
    }

    // MARK: Text

    /// Ends and begins elements so that what follows is marked so and stands in that link.
    private mutating func change(to marks: RichContent.Marks, link: Int?) {
        guard marks != self.marks || link != self.link else { return }
        // Those inside of the outermost that ends are ended too and begun again.
        let keepsLink = link == self.link
        var kept = 0
        if keepsLink {
            while kept < Self.markNames.count,
                marks.contains(Self.markNames[kept].0) == self.marks.contains(Self.markNames[kept].0)
            {
                kept += 1
            }
        }
        for (mark, name) in Self.markNames[kept...].reversed() where self.marks.contains(mark) {
            add("</")
            add(name)
            add(">")
        }
        if !keepsLink {
            if self.link != nil { add("</a>") }
            if let link {
                add("<a")
                attribute("href", content.links[link])
                add(">")
            }
        }
        for (mark, name) in Self.markNames[kept...] where marks.contains(mark) {
            add("<")
            add(name)
            add(">")
        }
        self.marks = marks
        self.link = link
    }

    private mutating func write(_ picture: RichContent.Picture) {
        add("<img")
        attribute("src", picture.url)
        attribute("alt", picture.description ?? "")
        if let width = picture.width { attribute("width", width) }
        if let height = picture.height { attribute("height", height) }
        add(">")
    }

    private mutating func attribute(_ name: StaticString, _ value: some CustomStringConvertible) {
        add(" ")
        add(name)
        add("=\"")
        escape(value.description.utf8)
        add("\"")
    }

    private mutating func write(_ text: ArraySlice<UInt8>) {
        // Behind a tag a solidus overlay (U+0338) would become one character with its ">" in normal form C.
        guard text.starts(with: [0xCC, 0xB8]) else { return escape(text) }
        add("&#824;")
        escape(text.dropFirst(2))
    }

    private mutating func escape(_ text: some Collection<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "<"): add("&lt;")
            case UInt8(ascii: ">"): add("&gt;")
            case UInt8(ascii: "&"): add("&amp;")
            case UInt8(ascii: "\""): add("&quot;")
            default: output.append(byte)
            }
        }
    }

    private mutating func add(_ text: StaticString) {
        output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
