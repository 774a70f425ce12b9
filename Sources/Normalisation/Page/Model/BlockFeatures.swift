/// What is known of each block, as rows of numbers for the model.
struct BlockFeatures {
    /// Row by row.
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
    private let candidates: [Int32]

    init(_ outline: PageOutline, _ facts: PageFacts, kinds: [Float]) {
        self.outline = outline
        self.facts = facts
        candidates = Self.candidatePath(outline)
        values.reserveCapacity(outline.blocks.count * Self.width)
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
        let shared = facts.features.prefix(PageFacts.sharedCount) + kinds
        var section = Section(firstHeading: outline.blocks.firstIndex { $0.heading == 1 })
        for index in outline.blocks.indices {
            addOwn(outline.blocks[index])
            addPosition(index, section)
            addTraits(outline.blocks[index])
            addContainers(index)
            addNeighbours(index)
            values.append(contentsOf: shared)
            section.pass(outline.blocks[index], at: index)
        }
    }

    // MARK: The block itself

    private mutating func addOwn(_ block: PageOutline.Block) {
        let words = block.words
        let count = Float(max(words.words, 1))
        let letters = Float(block.letters)
        values.append(PageFacts.log(letters))
        values.append(Float(block.linkLetters) / letters)
        values.append(PageFacts.log(Float(words.words)))
        values.append(letters / count)
        values.append(Float(words.functionWords) / count)
        values.append(Float(words.capitals) / count)
        values.append(Float(words.titleWords) / count)
        values.append(Float(words.titleWords) / Float(max(facts.titleWordCount, 1)))
        values.append(Float(words.digits) / letters)
        values.append(Float(words.commas) / count)
        values.append(Float(words.sentenceEnds))
        values.append(words.endsSentence ? 1 : 0)
        values.append(Float(words.currencySigns))
        values.append(Float(words.separators))
        values.append(Float(block.repeats))
        values.append(Float(block.heading))
        values.append(Float(block.joint.rawValue))
        values.append(block.isPreformatted ? 1 : 0)
        for group in 1...WordGroups.groups.count { values.append(Float(words.groups[group]) / count) }
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

    private mutating func addPosition(_ index: Int, _ section: Section) {
        let count = outline.blocks.count
        values.append(Float(index) / Float(count))
        values.append(PageFacts.log(Float(index)))
        values.append(PageFacts.log(Float(count - index)))
        values.append(sums[index][0] / facts.letters)
        values.append(sums[index][2] / max(facts.prose, 1))
        values.append((facts.prose - sums[index + 1][2]) / max(facts.prose, 1))
        values.append(Float(outline.elements[Int(outline.blocks[index].element)].depth))
        if let first = section.firstHeading {
            let distance = index - first
            values.append(distance < 0 ? -PageFacts.log(Float(-distance)) : PageFacts.log(Float(distance)))
        } else {
            values.append(-50)
        }
        values.append(section.heading < 0 ? -1 : PageFacts.log(Float(index - section.heading)))
        values.append(Float(section.level))
        // The groups by their numbers in WordGroups.
        for group in [8, 15, 11, 3, 6, 10] { values.append(Float(section.groups[group])) }
        values.append(Float(section.titleWords))
    }

    // MARK: What it stands in

    /// For each trait the share of the page's letters that the nearest element with it holds; -1 without one.
    private mutating func addTraits(_ block: PageOutline.Block) {
        let structure = values.count
        let vocabulary = structure + ElementTraits.Structure.allCases.count
        let width = ElementTraits.Structure.allCases.count + TraitVocabulary.groups.count
        values.append(contentsOf: repeatElement(-1, count: width))
        var seen = ElementTraits()
        values.withUnsafeMutableBufferPointer { values in
            func note(_ traits: ElementTraits, _ letters: Int32) {
                let share = Float(letters) / facts.letters
                PageFacts.forEachBit(traits.structure & ~seen.structure) { values[structure + $0] = share }
                PageFacts.forEachBit(traits.vocabulary & ~seen.vocabulary) { values[vocabulary + $0] = share }
                seen.structure |= traits.structure
                seen.vocabulary |= traits.vocabulary
            }
            note(block.inline, block.letters)
            var element = block.element
            while element >= 0 {
                note(outline.elements[Int(element)].traits, outline.elements[Int(element)].letters)
                element = outline.elements[Int(element)].parent
            }
        }
    }

    private mutating func addContainers(_ index: Int) {
        let block = outline.blocks[index]
        var element = block.element
        var level = 0
        var last: Int32 = -1
        var lastAdded: Int32 = -1
        var nextShare = 0
        var steps: Float = 0
        var repeated: (element: PageOutline.Element, levels: Float)?
        let shareStart = values.count + Self.levels * Self.container.count
        let width = Self.levels * Self.container.count + Self.shares.count * Self.sharedContainer.count
        values.append(contentsOf: repeatElement(-1, count: width))
        let start = values.count - width
        while element >= 0 {
            let container = outline.elements[Int(element)]
            if container.likeSiblings >= 3, container.likeLetters > repeated?.element.likeLetters ?? 0 {
                repeated = (container, steps)
            }
            if container.letters != last {
                last = container.letters
                steps += 1
                let letters = Float(max(container.letters, 1))
                if level < Self.levels, container.letters != lastAdded {
                    lastAdded = container.letters
                    let at = start + level * Self.container.count
                    let blocks = Float(max(container.endBlock - container.firstBlock, 1))
                    let row: InlineArray<8, Float> = [
                        PageFacts.log(letters), letters / facts.letters, Float(container.linkLetters) / letters,
                        Float(container.proseLetters) / letters, PageFacts.log(blocks),
                        PageFacts.log(Float(container.likeSiblings)), Float(container.likeLetters) / facts.letters,
                        Float(Int32(index) - container.firstBlock) / blocks,
                    ]
                    for value in row.indices { values[at + value] = row[value] }
                    level += 1
                }
                while nextShare < Self.shares.count, letters >= facts.letters * Self.shares[nextShare] {
                    let at = shareStart + nextShare * Self.sharedContainer.count
                    values[at] = Float(container.linkLetters) / letters
                    values[at + 1] = Float(container.proseLetters) / letters
                    values[at + 2] = letters / facts.letters
                    values[at + 3] = PageFacts.log(Float(container.endBlock - container.firstBlock))
                    values[at + 4] = steps
                    nextShare += 1
                }
            }
            element = container.parent
        }
        addRepeated(repeated)
        addCandidate(block)
    }

    private mutating func addRepeated(_ repeated: (element: PageOutline.Element, levels: Float)?) {
        guard let (element, levels) = repeated else { return values.append(contentsOf: repeatElement(-1, count: 5)) }
        let letters = Float(max(element.likeLetters, 1))
        values.append(PageFacts.log(Float(element.likeSiblings)))
        values.append(letters / facts.letters)
        values.append(Float(element.likeLinkLetters) / letters)
        values.append(PageFacts.log(letters / Float(element.likeSiblings)))
        values.append(levels)
    }

    /// The element that holds the most prose directly or one level down, and the elements around it: their numbers are how
    /// far they are from it; -1 elsewhere.
    private static func candidatePath(_ outline: PageOutline) -> [Int32] {
        var scores = [Float](repeating: 0, count: outline.elements.count)
        for block in outline.blocks where block.isProse {
            let score = Float(block.letters - block.linkLetters)
            let parent = outline.elements[Int(block.element)].parent
            guard parent >= 0 else { continue }
            scores[Int(parent)] += score
            let grandparent = outline.elements[Int(parent)].parent
            if grandparent >= 0 { scores[Int(grandparent)] += score * 0.6 }
        }
        var path = [Int32](repeating: -1, count: outline.elements.count)
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }), scores[best] > 0 else { return path }
        var element = Int32(best)
        var distance: Int32 = 0
        while element >= 0 {
            path[Int(element)] = distance
            distance += 1
            element = outline.elements[Int(element)].parent
        }
        return path
    }

    private mutating func addCandidate(_ block: PageOutline.Block) {
        var element = block.element
        while element >= 0, candidates[Int(element)] < 0 { element = outline.elements[Int(element)].parent }
        values.append(element < 0 ? -1 : Float(candidates[Int(element)]))
        values.append(element < 0 ? -1 : Float(outline.elements[Int(element)].letters) / facts.letters)
    }

    // MARK: What stands beside it

    private mutating func addNeighbours(_ index: Int) {
        let signature = outline.elements[Int(outline.blocks[index].element)].signature
        for other in index - 2...index + 2 where other != index {
            guard outline.blocks.indices.contains(other) else {
                values.append(contentsOf: repeatElement(-1, count: Self.neighbour.count))
                continue
            }
            let block = outline.blocks[other]
            values.append(PageFacts.log(Float(block.letters)))
            values.append(Float(block.linkLetters) / Float(block.letters))
            values.append(Float(block.words.functionWords) / Float(max(block.words.words, 1)))
            values.append(Float(block.heading))
            values.append(outline.elements[Int(block.element)].signature == signature ? 1 : 0)
        }
        for reach in Self.windows {
            let low = max(index - reach, 0)
            let high = min(index + reach + 1, outline.blocks.count)
            let sum = sums[high] - sums[low]
            values.append(PageFacts.log(sum[0] / Float(high - low)))
            values.append(sum[1] / max(sum[0], 1))
            values.append(sum[2] / max(sum[0], 1))
            values.append(sum[4] / max(sum[3], 1))
        }
    }
}
