import HTML

/// What of a page can be seen: its elements with what stands in them, and its text in blocks, in document order.
///
/// A block is the text between two borders of block-level elements; cells of tables are blocks of their own. All text is in
/// one buffer, white space made sane, so a block is a range of it.
struct PageOutline {
    /// An element that can be seen.
    struct Element {
        var node: HTMLDocument.NodeIndex
        /// The number of the element that it stands in; negative for the first.
        var parent: Int32
        var depth: Int32
        var tag: TagName
        /// Equal for elements of one kind: the name, and the first word of the class.
        var signature: UInt32
        var traits: ElementTraits
        var letters: Int32 = 0
        var linkLetters: Int32 = 0
        /// Letters in blocks that are long and not links.
        var proseLetters: Int32 = 0
        /// The first block in it, and the one after its last.
        var firstBlock: Int32
        var endBlock: Int32 = 0
        /// How many elements of its signature stand under the same parent.
        var likeSiblings: Int32 = 1
        /// Their letters in all, and those that are links.
        var likeLetters: Int32 = 0
        var likeLinkLetters: Int32 = 0
    }

    /// How a block follows the one before it, when both are kept.
    enum Joint: UInt8 {
        case paragraph, line, cell
    }

    /// A piece of text.
    struct Block {
        /// The place of its text in ``PageOutline/text``.
        var start: Int32
        var end: Int32
        /// The text that its first letter stands in.
        var node: HTMLDocument.NodeIndex
        /// The innermost block-level element around it.
        var element: Int32
        var letters: Int32
        var linkLetters: Int32
        var joint: Joint
        /// 1 to 6 for headings, else 0.
        var heading: UInt8
        var isPreformatted: Bool
        /// What its inline elements say.
        var inline: ElementTraits
        var words = BlockWords()
        /// How many blocks of the page hold the same text.
        var repeats: Int32 = 1
    }

    private(set) var elements: [Element] = []
    private(set) var blocks: [Block] = []
    /// The text of all blocks, UTF-8.
    private(set) var text: [UInt8] = []
    /// Pictures, each with the number of the block that follows it.
    private(set) var images: [(node: HTMLDocument.NodeIndex, block: Int32)] = []
    /// Whether what is hidden counts too, since next to nothing is shown.
    private(set) var seesHidden = false
    /// Addresses of links, each with the number of its block.
    private(set) var links: [(href: HTMLDocument.TextRange, block: Int32)] = []

    /// Blocks with at least so many letters, and few of them in links, are prose.
    static let proseLength: Int32 = 80

    /// A page that shows fewer bytes of text than this may wait for its scripts to show the rest.
    private static let thinText = 400

    init(_ document: HTMLDocument, title: TitleWords) {
        var builder = OutlineBuilder(document, seesHidden: false)
        builder.run()
        if builder.text.count < Self.thinText {
            var other = OutlineBuilder(document, seesHidden: true)
            other.run()
            if other.text.count > builder.text.count * 2 {
                builder = other
                seesHidden = true
            }
        }
        elements = builder.elements
        blocks = builder.blocks
        text = builder.text
        images = builder.images
        links = builder.links
        measureBlocks(title)
        measureElements()
        countSiblings()
        countRepeats()
    }

    private mutating func measureBlocks(_ title: TitleWords) {
        text.withUnsafeBufferPointer { text in
            for index in blocks.indices {
                let range = Int(blocks[index].start)..<Int(blocks[index].end)
                blocks[index].words = BlockWords(UnsafeBufferPointer(rebasing: text[range]), title: title)
            }
        }
    }

    private mutating func measureElements() {
        for block in blocks {
            let index = Int(block.element)
            elements[index].letters += block.letters
            elements[index].linkLetters += block.linkLetters
            if block.isProse { elements[index].proseLetters += block.letters }
        }
        // Children stand behind their parents.
        for index in elements.indices.reversed() where elements[index].parent >= 0 {
            let parent = Int(elements[index].parent)
            elements[parent].letters += elements[index].letters
            elements[parent].linkLetters += elements[index].linkLetters
            elements[parent].proseLetters += elements[index].proseLetters
        }
    }

    /// Counts what repeats under one parent: items of lists, posts, rows.
    private mutating func countSiblings() {
        var groups = CountingTable(capacity: elements.count)
        var group = [Int32](repeating: -1, count: elements.count)
        var sums: [(count: Int32, letters: Int32, links: Int32)] = []
        for index in elements.indices where elements[index].letters > 0 {
            let element = elements[index]
            let key = UInt64(UInt32(bitPattern: element.parent)) << 32 | UInt64(element.signature)
            let number = groups.number(of: key)
            if number == sums.count { sums.append((0, 0, 0)) }
            sums[number].count += 1
            sums[number].letters += element.letters
            sums[number].links += element.linkLetters
            group[index] = Int32(number)
        }
        for index in elements.indices where group[index] >= 0 {
            let sum = sums[Int(group[index])]
            elements[index].likeSiblings = sum.count
            elements[index].likeLetters = sum.letters
            elements[index].likeLinkLetters = sum.links
        }
    }

    private mutating func countRepeats() {
        var texts = CountingTable(capacity: blocks.count)
        var counts: [Int32] = []
        var group: [Int32] = []
        group.reserveCapacity(blocks.count)
        for block in blocks {
            let number = texts.number(of: block.words.hash)
            if number == counts.count { counts.append(0) }
            counts[number] += 1
            group.append(Int32(number))
        }
        for index in blocks.indices { blocks[index].repeats = counts[Int(group[index])] }
    }
}

extension PageOutline.Block {
    /// Whether it is long and not of links.
    var isProse: Bool { letters >= PageOutline.proseLength && linkLetters * 3 < letters }
}

/// Gives keys numbers in the order in which they come first.
struct CountingTable {
    private var keys: [UInt64]
    private var numbers: [Int32]
    private var count = 0
    private let mask: Int

    /// Room for so many keys.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        keys = [UInt64](repeating: 0, count: size)
        numbers = [Int32](repeating: -1, count: size)
        mask = size - 1
    }

    /// The number of a key; a new key has the number of keys before it.
    mutating func number(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
        while numbers[slot] >= 0 {
            if keys[slot] == key { return Int(numbers[slot]) }
            slot = (slot + 1) & mask
        }
        keys[slot] = key
        numbers[slot] = Int32(count)
        count += 1
        return count - 1
    }
}
