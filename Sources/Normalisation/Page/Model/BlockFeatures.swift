/// What is known of each block, as rows of numbers for the model; a few rows at a time, since all of a large page would
/// fill the memory.
struct BlockFeatures {
    /// The rows of the blocks that were taken last, one behind the other.
    private(set) var values: [Float] = []

    static let width = names.count
    static let names: [String] =
        own + WordGroups.groups.map { "words.\($0.name)" } + position
        + ["navigation", "related", "discussion", "subscribe", "shopping", "filter", "title"].map { "section.\($0)" }
        + ElementTraits.Structure.allCases.map { "in.\($0)" } + TraitVocabulary.groups.map { "class.\($0.name)" }
        + (1...levels).flatMap { level in container.map { "level\(level).\($0)" } }
        + shares.flatMap { share in sharedContainer.map { "share\(Int(share * 100)).\($0)" } }
        + ["repeated.count", "repeated.share", "repeated.linkDensity", "repeated.letters", "repeated.levels"]
        + ["candidate.levels", "candidate.share"]
        + ["previous2", "previous1", "next1", "next2"].flatMap { name in neighbour.map { "\(name).\($0)" } }
        + windows.flatMap { reach in window.map { "around\(reach).\($0)" } }
        + PageFacts.names.prefix(PageFacts.sharedCount).map { "page.\($0)" }
        + PageKind.allCases.map { "kind.\($0)" }

    private static let own = [
        "letters", "linkDensity", "words", "wordLength", "functionWords", "capitals", "titleWords", "ofTitle", "digits",
        "commas", "sentenceEnds", "endsSentence", "currencySigns", "separators", "repeats", "heading", "joint", "code",
    ]
    private static let position = [
        "index", "fromStart", "fromEnd", "lettersBefore", "proseBefore", "proseAfter", "depth", "sinceFirstHeading",
        "sinceHeading", "lastHeading",
    ]
    private static let levels = 4
    private static let container = [
        "letters", "share", "linkDensity", "prose", "blocks", "likeSiblings", "likeShare", "place",
    ]
    private static let shares: [Float] = [0.05, 0.2, 0.5]
    private static let sharedContainer = ["linkDensity", "prose", "share", "blocks", "levels"]
    private static let neighbour = ["letters", "linkDensity", "functionWords", "heading", "isLike"]
    private static let windows = [4, 12]
    private static let window = ["letters", "linkDensity", "prose", "functionWords"]

    private let outline: PageOutline
    private let facts: PageFacts
    /// Sums over the blocks before each: letters, letters of links, of prose, words, function words.
    private var sums: [SIMD8<Float>] = []
    /// By element.
    private let above: [Above]
    private let candidates: [(distance: Int32, letters: Int32)]
    /// What all rows end with.
    private let shared: [Float]
    private var section: Section
    /// The block that comes next.
    private var next = 0

    init(_ outline: PageOutline, _ facts: PageFacts, kinds: [Float]) {
        self.outline = outline
        self.facts = facts
        above = Self.above(outline)
        candidates = Self.candidates(outline)
        shared = Array(facts.features.prefix(PageFacts.sharedCount)) + kinds
        section = Section(firstHeading: outline.blocks.firstIndex { $0.heading == 1 })
        sums.reserveCapacity(outline.blocks.count + 1)
        var sum = SIMD8<Float>.zero
        sums.append(sum)
        for block in outline.blocks {
            sum[0] += Float(block.letters)
            sum[1] += Float(block.linkLetters)
            sum[2] += block.isProse ? Float(block.letters) : 0
            sum[3] += Float(block.words.words)
            sum[4] += Float(block.words.functionWords)
            sums.append(sum)
        }
    }

    /// Makes the rows of the next blocks, at most so many; returns how many there are.
    mutating func take(_ limit: Int) -> Int {
        let count = min(limit, outline.blocks.count - next)
        let first = next
        let width = Self.width
        var values = self.values
        self.values = []
        if values.count < count * width { values = [Float](repeating: -1, count: count * width) }
        values.withUnsafeMutableBufferPointer { values in
            for number in 0..<count {
                let index = first + number
                let block = outline.blocks[index]
                var row = Row(
                    UnsafeMutableBufferPointer(rebasing: values[number * width..<(number + 1) * width]))
                addOwn(block, to: &row)
                addPosition(index, to: &row)
                addTraits(block, to: &row)
                addContainers(index, to: &row)
                addNeighbours(index, to: &row)
                for value in shared { row.append(value) }
                section.pass(block, at: index)
            }
        }
        next += count
        self.values = values
        return count
    }

    /// A row that is being written.
    private struct Row {
        private let values: UnsafeMutableBufferPointer<Float>
        private(set) var count = 0

        init(_ values: UnsafeMutableBufferPointer<Float>) { self.values = values }

        @inline(__always) mutating func append(_ value: Float) {
            self[count] = value
            count += 1
        }

        /// Appends so many that are -1 until they are set.
        mutating func appendUnknown(_ number: Int) { for _ in 0..<number { append(-1) } }

        @inline(__always) subscript(place: Int) -> Float {
            get { values[place] }
            nonmutating set {
                precondition(place >= 0 && place < values.count)
                values[place] = newValue
            }
        }
    }

    // MARK: The block itself

    private func addOwn(_ block: PageOutline.Block, to row: inout Row) {
        let words = block.words
        let count = Float(max(words.words, 1))
        let letters = Float(block.letters)
        row.append(PageFacts.log(letters))
        row.append(Float(block.linkLetters) / letters)
        row.append(PageFacts.log(Float(words.words)))
        row.append(letters / count)
        row.append(Float(words.functionWords) / count)
        row.append(Float(words.capitals) / count)
        row.append(Float(words.titleWords) / count)
        row.append(Float(words.titleWords) / Float(max(facts.titleWordCount, 1)))
        row.append(Float(words.digits) / letters)
        row.append(Float(words.commas) / count)
        row.append(Float(words.sentenceEnds))
        row.append(words.endsSentence ? 1 : 0)
        row.append(Float(words.currencySigns))
        row.append(Float(words.separators))
        row.append(Float(block.repeats))
        row.append(Float(block.heading))
        row.append(Float(block.joint.rawValue))
        row.append(block.isPreformatted ? 1 : 0)
        for group in 1...WordGroups.groups.count { row.append(Float(words.groups[group]) / count) }
    }

    // MARK: Where it stands

    /// What the headings before a block say.
    private struct Section {
        let firstHeading: Int?
        var heading = -1
        var level: UInt8 = 0
        var groups = WordGroups.Counts()
        var titleWords: Int32 = 0

        init(firstHeading: Int?) { self.firstHeading = firstHeading }

        mutating func pass(_ block: PageOutline.Block, at index: Int) {
            guard block.heading > 0 else { return }
            heading = index
            level = block.heading
            groups = block.words.groups
            titleWords = block.words.titleWords
        }
    }

    private func addPosition(_ index: Int, to row: inout Row) {
        let count = outline.blocks.count
        row.append(Float(index) / Float(count))
        row.append(PageFacts.log(Float(index)))
        row.append(PageFacts.log(Float(count - index)))
        row.append(sums[index][0] / facts.letters)
        row.append(sums[index][2] / max(facts.prose, 1))
        row.append((facts.prose - sums[index + 1][2]) / max(facts.prose, 1))
        row.append(Float(outline.elements[Int(outline.blocks[index].element)].depth))
        if let first = section.firstHeading {
            let distance = index - first
            row.append(distance < 0 ? -PageFacts.log(Float(-distance)) : PageFacts.log(Float(distance)))
        } else {
            row.append(-50)
        }
        row.append(section.heading < 0 ? -1 : PageFacts.log(Float(index - section.heading)))
        row.append(Float(section.level))
        // The groups by their numbers in WordGroups.
        for group in [8, 15, 11, 3, 6, 10] { row.append(Float(section.groups[group])) }
        row.append(Float(section.titleWords))
    }

    // MARK: What it stands in

    /// What an element and those around it are, so that the way up can end where nothing new comes.
    private struct Above {
        var traits: ElementTraits
        /// The most letters of elements that repeat.
        var likeLetters: Int32

        func hasMore(than seen: ElementTraits) -> Bool {
            traits.structure & ~seen.structure != 0 || traits.vocabulary & ~seen.vocabulary != 0
        }
    }

    private static func above(_ outline: PageOutline) -> [Above] {
        var above: [Above] = []
        above.reserveCapacity(outline.elements.count)
        for element in outline.elements {
            var entry = Above(
                traits: element.traits, likeLetters: element.likeSiblings >= 3 ? element.likeLetters : 0)
            // Parents stand before their children.
            if element.parent >= 0 {
                let parent = above[Int(element.parent)]
                entry.traits.structure |= parent.traits.structure
                entry.traits.vocabulary |= parent.traits.vocabulary
                entry.likeLetters = max(entry.likeLetters, parent.likeLetters)
            }
            above.append(entry)
        }
        return above
    }

    /// For each trait the share of the page's letters that the nearest element with it holds; -1 without one.
    private func addTraits(_ block: PageOutline.Block, to row: inout Row) {
        let structure = row.count
        let vocabulary = structure + ElementTraits.Structure.allCases.count
        row.appendUnknown(ElementTraits.Structure.allCases.count + TraitVocabulary.groups.count)
        var seen = ElementTraits()
        func note(_ traits: ElementTraits, _ letters: Int32) {
            let share = Float(letters) / facts.letters
            PageFacts.forEachBit(traits.structure & ~seen.structure) { row[structure + $0] = share }
            PageFacts.forEachBit(traits.vocabulary & ~seen.vocabulary) { row[vocabulary + $0] = share }
            seen.structure |= traits.structure
            seen.vocabulary |= traits.vocabulary
        }
        note(block.inline, block.letters)
        var element = block.element
        while element >= 0, above[Int(element)].hasMore(than: seen) {
            note(outline.elements[Int(element)].traits, outline.elements[Int(element)].letters)
            element = outline.elements[Int(element)].parent
        }
    }

    private func addContainers(_ index: Int, to row: inout Row) {
        let block = outline.blocks[index]
        var element = block.element
        var level = 0
        var last: Int32 = -1
        var lastAdded: Int32 = -1
        var nextShare = 0
        var steps: Float = 0
        var repeated: (element: Int32, levels: Float)?
        var repeatedLetters: Int32 = 0
        let start = row.count
        let shareStart = start + Self.levels * Self.container.count
        row.appendUnknown(shareStart - start + Self.shares.count * Self.sharedContainer.count)
        while element >= 0,
            level < Self.levels || nextShare < Self.shares.count
                || above[Int(element)].likeLetters > repeatedLetters
        {
            let container = outline.elements[Int(element)]
            if container.likeSiblings >= 3, container.likeLetters > repeatedLetters {
                repeated = (element, steps)
                repeatedLetters = container.likeLetters
            }
            if container.letters != last {
                last = container.letters
                steps += 1
                let letters = Float(max(container.letters, 1))
                if level < Self.levels, container.letters != lastAdded {
                    lastAdded = container.letters
                    let at = start + level * Self.container.count
                    let blocks = Float(max(container.endBlock - container.firstBlock, 1))
                    let figures: InlineArray<8, Float> = [
                        PageFacts.log(letters), letters / facts.letters, Float(container.linkLetters) / letters,
                        Float(container.proseLetters) / letters, PageFacts.log(blocks),
                        PageFacts.log(Float(container.likeSiblings)), Float(container.likeLetters) / facts.letters,
                        Float(Int32(index) - container.firstBlock) / blocks,
                    ]
                    for value in figures.indices { row[at + value] = figures[value] }
                    level += 1
                }
                while nextShare < Self.shares.count, letters >= facts.letters * Self.shares[nextShare] {
                    let at = shareStart + nextShare * Self.sharedContainer.count
                    row[at] = Float(container.linkLetters) / letters
                    row[at + 1] = Float(container.proseLetters) / letters
                    row[at + 2] = letters / facts.letters
                    row[at + 3] = PageFacts.log(Float(container.endBlock - container.firstBlock))
                    row[at + 4] = steps
                    nextShare += 1
                }
            }
            element = container.parent
        }
        addRepeated(repeated, to: &row)
        addCandidate(block, to: &row)
    }

    private func addRepeated(_ repeated: (element: Int32, levels: Float)?, to row: inout Row) {
        guard let (number, levels) = repeated else { return row.appendUnknown(5) }
        let element = outline.elements[Int(number)]
        let letters = Float(max(element.likeLetters, 1))
        row.append(PageFacts.log(Float(element.likeSiblings)))
        row.append(letters / facts.letters)
        row.append(Float(element.likeLinkLetters) / letters)
        row.append(PageFacts.log(letters / Float(element.likeSiblings)))
        row.append(levels)
    }

    /// Of each element the nearest one on the way up that holds the candidate, the element with the most prose directly or
    /// one level down: how far it is from that, and its letters; -1 and 0 where there is no candidate.
    private static func candidates(_ outline: PageOutline) -> [(distance: Int32, letters: Int32)] {
        var scores = [Float](repeating: 0, count: outline.elements.count)
        for block in outline.blocks where block.isProse {
            let score = Float(block.letters - block.linkLetters)
            let parent = outline.elements[Int(block.element)].parent
            guard parent >= 0 else { continue }
            scores[Int(parent)] += score
            let grandparent = outline.elements[Int(parent)].parent
            if grandparent >= 0 { scores[Int(grandparent)] += score * 0.6 }
        }
        var candidates = [(distance: Int32, letters: Int32)](repeating: (-1, 0), count: outline.elements.count)
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }), scores[best] > 0 else {
            return candidates
        }
        var element = Int32(best)
        var distance: Int32 = 0
        while element >= 0 {
            candidates[Int(element)] = (distance, outline.elements[Int(element)].letters)
            distance += 1
            element = outline.elements[Int(element)].parent
        }
        for index in candidates.indices where candidates[index].distance < 0 {
            let parent = outline.elements[index].parent
            if parent >= 0 { candidates[index] = candidates[Int(parent)] }
        }
        return candidates
    }

    private func addCandidate(_ block: PageOutline.Block, to row: inout Row) {
        let (distance, letters) = candidates[Int(block.element)]
        row.append(Float(distance))
        row.append(distance < 0 ? -1 : Float(letters) / facts.letters)
    }

    // MARK: What stands beside it

    private func addNeighbours(_ index: Int, to row: inout Row) {
        let signature = outline.elements[Int(outline.blocks[index].element)].signature
        for other in index - 2...index + 2 where other != index {
            guard outline.blocks.indices.contains(other) else {
                row.appendUnknown(Self.neighbour.count)
                continue
            }
            let block = outline.blocks[other]
            row.append(PageFacts.log(Float(block.letters)))
            row.append(Float(block.linkLetters) / Float(block.letters))
            row.append(Float(block.words.functionWords) / Float(max(block.words.words, 1)))
            row.append(Float(block.heading))
            row.append(outline.elements[Int(block.element)].signature == signature ? 1 : 0)
        }
        for reach in Self.windows {
            let low = max(index - reach, 0)
            let high = min(index + reach + 1, outline.blocks.count)
            let sum = sums[high] - sums[low]
            row.append(PageFacts.log(sum[0] / Float(high - low)))
            row.append(sum[1] / max(sum[0], 1))
            row.append(sum[2] / max(sum[0], 1))
            row.append(sum[4] / max(sum[3], 1))
        }
    }
}
