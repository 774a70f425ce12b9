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
                case .paragraph: text.append(contentsOf: [0x0A, 0x0A])
                case .line: text.append(0x0A)
                case .cell: text.append(0x09)
                }
            }
            text.append(contentsOf: outline.text[Int(block.start)..<Int(block.end)])
            last = index
        }
        return text
    }
}
