/// Writes the blocks that are content as a person would copy them.
enum ContentText {
    /// Blocks are parted by an empty line; items of a list and rows of a table that follow one another by a line feed, cells
    /// of a row by a tab.
    static func write(_ outline: PageOutline, _ isContent: [Bool]) -> [UInt8] {
        var text: [UInt8] = []
        var last = -2
        for (index, block) in outline.blocks.enumerated() where isContent[index] {
            if !text.isEmpty {
                switch last == index - 1 ? block.joint : .paragraph {
                case .line where !beginsList(index, outline): text.append(0x0A)
                case .paragraph, .line: text.append(contentsOf: [0x0A, 0x0A])
                case .cell: text.append(0x09)
                }
            }
            text.append(contentsOf: outline.text[Int(block.start)..<Int(block.end)])
            last = index
        }
        return text
    }

    /// Whether a block is the first of a list or table that stands in no other list.
    private static func beginsList(_ index: Int, _ outline: PageOutline) -> Bool {
        var element = outline.blocks[index].element
        var isFirst = false
        for _ in 0..<8 where element >= 0 {
            let around = outline.elements[Int(element)]
            // An element that has blocks before this one holds the list's first item already, or the text before it.
            if Int(around.firstBlock) < index { return isFirst && around.tag != .li && around.tag != .dd }
            switch around.tag {
            case .ul, .ol, .dl, .menu, .dir, .table: isFirst = true
            default: break
            }
            element = around.parent
        }
        return isFirst
    }
}
