import HTML
import Testing

@testable import Normalisation

@Suite("Page models")
struct PageModelsTests {
    @Test("What is shipped fits the features")
    func shipped() {
        #expect(PageModels.shared.isComplete)
        #expect(PageModels.shared.kinds.classes == PageKind.allCases.count)
    }

    /// One tree of one node over two numbers: more than 0.5 in the second gives 2, else -2.
    private static let tree: [UInt8] =
        words(1, 2, 1, 1) + words(1) + float(0.5) + words(0xFFFF, 0xFFFE) + float(-2) + float(2)

    private static func words(_ numbers: UInt16...) -> [UInt8] {
        numbers.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }
    private static func float(_ value: Float) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }

    @Test("A tree is read and walked")
    func walk() throws {
        var reader = ModelReader(bytes: Self.tree)
        let trees = try #require(GradientTrees(&reader))
        let found = trees.probabilities(of: 3, rows: [9, 0.4, 0, 0.5, 0, 0.6])
        #expect(found.map { $0 > 0.5 } == [false, false, true])
        #expect(abs(found[2] - 0.880_797) < 1e-5 && abs(found[0] - 0.119_203) < 1e-5)
    }

    @Test("Models that were cut off are refused")
    func cutOff() {
        for count in 0..<Self.tree.count {
            var reader = ModelReader(bytes: Array(Self.tree.prefix(count)))
            #expect(GradientTrees(&reader) == nil, "\(count) bytes")
        }
    }

    @Test(
        "Trees that lead out of their arrays or in a circle are refused",
        arguments: [
            // A feature beyond the row; a child that is its own parent; one beyond the nodes; a leaf beyond the leaves.
            (8, 2), (14, 0), (14, 1), (16, 7), (14, 0xFFFC), (0, 0), (6, 0),
        ] as [(Int, UInt16)])
    func damaged(_ place: Int, _ value: UInt16) {
        var bytes = Self.tree
        bytes.replaceSubrange(place..<place + 2, with: Self.words(value))
        var reader = ModelReader(bytes: bytes)
        #expect(GradientTrees(&reader) == nil)
    }

    @Test("Whatever the bytes, reading ends")
    func noise() {
        var random = Randomness(state: 3)
        for _ in 0..<2_000 {
            var reader = ModelReader(bytes: random.mutated(Self.tree))
            _ = GradientTrees(&reader)
        }
    }

    @Test("Bytes that are no models give models that know nothing, and pages still become text")
    func unknown() {
        let models = PageModels(base64: "AAAA")
        #expect(!models.isComplete)
        let document = HTMLParser.parse(Array("<h1>Ice</h1><p>The pond froze in a single night.</p>".utf8))
        let outline = PageOutline(document, title: TitleWords("Ice"))
        let metadata = PageMetadata(document, url: nil)
        let selection = ContentSelection(outline, PageFacts(outline, metadata, titleWordCount: 1), models)
        #expect(selection.kindProbabilities.count == PageKind.allCases.count)
        #expect(selection.isContent.count == outline.blocks.count)
    }

    @Test("Features have names, each once, and the same page gives the same numbers")
    func features() {
        #expect(Set(BlockFeatures.names).count == BlockFeatures.width)
        #expect(Set(PageFacts.names).count == PageFacts.names.count)
        for fixture in PageFixture.all {
            let one = PageFeatureDump(Array(fixture.html.utf8), url: fixture.url)
            let two = PageFeatureDump(Array(fixture.html.utf8), url: fixture.url)
            #expect(one.page == two.page && one.blocks == two.blocks)
            #expect(one.page.count == PageFacts.names.count)
            #expect(one.blocks.count == one.texts.count * BlockFeatures.width && !one.texts.isEmpty)
            #expect(one.page.allSatisfy(\.isFinite) && one.blocks.allSatisfy(\.isFinite))
        }
    }
}
