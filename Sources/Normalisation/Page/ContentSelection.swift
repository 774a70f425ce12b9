import HTML

/// Decides what kind of page this is, and which of its blocks are its content.
struct ContentSelection {
    /// The most probable kind.
    let kind: PageKind
    /// By the order of ``PageKind/allCases``.
    let kindProbabilities: [Float]
    /// How probable it is of each block that it is content.
    let probabilities: [Float]
    /// Blocks that are less probable are cut.
    let threshold: Float
    /// Whether each block is content.
    private(set) var isContent: [Bool]

    init(_ outline: PageOutline, _ facts: PageFacts, _ models: PageModels = .shared) {
        let kinds = models.kinds.probabilities(facts.features)
        kind = PageKind.allCases[kinds.indices.max { kinds[$0] < kinds[$1] } ?? 0]
        kindProbabilities = kinds
        var features = BlockFeatures(outline, facts, kinds: kinds)
        var probabilities: [Float] = []
        probabilities.reserveCapacity(outline.blocks.count)
        while probabilities.count < min(outline.blocks.count, Self.limit) {
            let count = features.take(Self.rows)
            probabilities += models.blocks.probabilities(of: count, rows: features.values)
        }
        Self.addOthers(outline, &probabilities)
        let threshold = Self.threshold(outline.blocks, probabilities)
        self.probabilities = probabilities
        self.threshold = threshold
        isContent = probabilities.map { $0 >= threshold }
        dropRepeats(outline)
        dropLineNumbers(outline)
    }

    /// So many blocks are decided at a time: their features fit into the processor's caches.
    private static let rows = 64

    /// So many blocks are decided by the model, which takes a few microseconds for each.
    private static let limit = 50_000

    /// The blocks beyond the limit are as probable as the last one before it in an element of the same kind.
    private static func addOthers(_ outline: PageOutline, _ probabilities: inout [Float]) {
        guard probabilities.count < outline.blocks.count else { return }
        func signature(_ index: Int) -> UInt32 { outline.elements[Int(outline.blocks[index].element)].signature }
        var bySignature: [UInt32: Float] = [:]
        for (index, probability) in probabilities.enumerated() { bySignature[signature(index)] = probability }
        for index in probabilities.count..<outline.blocks.count {
            probabilities.append(bySignature[signature(index)] ?? 0)
        }
    }

    /// The threshold by which the F1 of words, as the probabilities let expect it, is highest: with the blocks in the order
    /// of their probability p, and n words in each, twice the sum of p n over those above it, by the sum of their n and of
    /// p n over all (plug-in maximisation; Ye et al., "Optimizing F-measure: a tale of two approaches", 2012).
    private static func threshold(_ blocks: [PageOutline.Block], _ probabilities: [Float]) -> Float {
        let order = blocks.indices.sorted { probabilities[$0] > probabilities[$1] }
        let expected = order.reduce(Float(0)) { $0 + probabilities[$1] * Float(blocks[$1].words.words) }
        var (hits, words, best): (Float, Float, Float) = (0, 0, -1)
        var threshold: Float = 0.5
        for index in order {
            let count = Float(blocks[index].words.words)
            hits += probabilities[index] * count
            words += count
            let score = hits / max(words + expected, 1)
            if score > best {
                best = score
                threshold = probabilities[index]
            }
        }
        return threshold
    }

    /// A block that says again what the one before it said is there for another size of screen.
    private mutating func dropRepeats(_ outline: PageOutline) {
        var last: Int?
        for index in outline.blocks.indices where isContent[index] {
            if let last, outline.blocks[last].words.hash == outline.blocks[index].words.hash,
                outline.blocks[index].words.words > 3
            {
                isContent[index] = false
            } else {
                last = index
            }
        }
    }

    /// The numbers of a listing's lines, which stand in a block of their own beside it.
    private mutating func dropLineNumbers(_ outline: PageOutline) {
        for (index, block) in outline.blocks.enumerated() where block.isPreformatted && isContent[index] {
            let text = outline.text[Int(block.start)..<Int(block.end)]
            if text.contains(0x0A), text.allSatisfy({ $0 <= 0x20 || $0 &- 0x30 < 10 }) { isContent[index] = false }
        }
    }

    /// The pictures that stand in the content: with content on one side and nothing that was cut between.
    func images(_ outline: PageOutline) -> [HTMLDocument.NodeIndex] {
        outline.images.compactMap { image in
            let next = Int(image.block)
            let follows = next > 0 && isContent[next - 1]
            return follows || isContent.indices.contains(next) && isContent[next] ? image.node : nil
        }
    }

    /// The addresses of links in the content.
    func links(_ outline: PageOutline) -> [HTMLDocument.TextRange] {
        outline.links.compactMap { link in
            isContent.indices.contains(Int(link.block)) && isContent[Int(link.block)] ? link.href : nil
        }
    }
}
