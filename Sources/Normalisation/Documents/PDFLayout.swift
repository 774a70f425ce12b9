import XML

/// The text blocks of a PDF's pages, as `pdftotext -bbox-layout` writes them.
struct PDFLayout {
    struct Line {
        var text: String
        var left: Double
        var height: Double
    }

    struct Block {
        var page: Int
        /// From 0 at the page's upper edge to 1 at the lower one: the block's middle.
        var place: Double
        var lines: [Line] = []

        var text: String { lines.map(\.text).joined(separator: " ") }
        var height: Double { lines.map(\.height).max() ?? 0 }
    }

    var title: String?
    /// Values of the document's information by name: Author, Subject, Keywords, CreationDate, ModDate.
    var information: [String: String] = [:]
    var blocks: [Block] = []
    var pages = 0

    init(_ bytes: [UInt8]) {
        var reader = XMLReader(bytes)
        var height = 1.0
        var word: [UInt8] = []
        var line: [UInt8] = []
        while true {
            switch reader.next() {
            case .finished: return
            case .text: if reader.localName == "word" || reader.localName == "title" { reader.appendText(to: &word) }
            case .start:
                word.removeAll(keepingCapacity: true)
                switch reader.localName {
                case "page":
                    pages += 1
                    height = max(1, number("height", &reader))
                case "block":
                    let middle = (number("ymin", &reader) + number("ymax", &reader)) / 2
                    blocks.append(Block(page: pages, place: middle / height))
                case "line":
                    line.removeAll(keepingCapacity: true)
                    guard !blocks.isEmpty else { continue }
                    blocks[blocks.count - 1].lines.append(
                        Line(
                            text: "", left: number("xmin", &reader),
                            height: number("ymax", &reader) - number("ymin", &reader)))
                case "meta":
                    if let name = reader.attribute("name") {
                        information[name] = TextBytes.line(reader.attribute("content"))
                    }
                default: continue
                }
            case .end:
                switch reader.localName {
                case "title": title = TextBytes.line(word)
                case "word":
                    if !line.isEmpty { line.append(0x20) }
                    line.append(contentsOf: word)
                case "line":
                    guard !blocks.isEmpty, !blocks[blocks.count - 1].lines.isEmpty else { continue }
                    let last = blocks[blocks.count - 1].lines.count - 1
                    blocks[blocks.count - 1].lines[last].text = TextBytes.line(line) ?? ""
                default: continue
                }
            }
        }
    }

    private func number(_ name: StaticString, _ reader: inout XMLReader) -> Double {
        guard let value = reader.attribute(name).flatMap({ Double($0) }), value.isFinite else { return 0 }
        return value
    }
}
