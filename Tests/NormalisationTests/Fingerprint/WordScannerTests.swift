import Testing

@testable import Normalisation

@Suite struct WordScannerTests {
    private func words(_ text: String) -> (all: [UInt64], starts: [UInt32], figures: Int) {
        var (hashes, starts, figures) = ([UInt64](), [UInt32](), 0)
        var text = text
        text.withUTF8 { text in
            WordScanner.scan(text) { found in
                hashes += found.hashes
                starts += found.starts
                figures += found.figures.nonzeroBitCount
            }
        }
        return (hashes, starts, figures)
    }

    /// Words are the same wherever they stand among the 64 bytes that are looked at together, and whatever their length.
    @Test func wordsAreTheSameAtEveryPlace() {
        let signs = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        for length in [1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 130] {
            let word = String((0..<length).map { signs[$0 % signs.count] })
            let alone = words(word)
            #expect(alone.all.count == 1)
            for before in 0..<70 {
                let found = words(String(repeating: ".", count: before) + word + ", A1 b")
                #expect(found.all.count == 3)
                #expect(found.all.first == alone.all.first)
                #expect(found.starts == [before, before + length + 2, before + length + 5].map { UInt32($0) })
                #expect(found.figures == (length > 26 ? 2 : 1))
            }
        }
    }

    /// Characters that are words, separators or letters beyond ASCII are so at every place.
    @Test(arguments: [
        ("中", 4), ("\u{2019}", 3), ("\u{A0}", 3), ("é", 2), ("ж", 2), ("ह", 2), ("😀", 2), ("、", 3), ("Ａ", 3),
    ])
    func widerCharactersAreTheSameAtEveryPlace(_ character: String, _ count: Int) {
        let alone = words("x2" + character + "y z")
        #expect(alone.all.count == count)
        for before in 0..<140 {
            for after in ["", " ", String(repeating: ".", count: 90)] {
                let found = words(String(repeating: "-", count: before) + "x2" + character + "y z" + after)
                #expect(found.all == alone.all)
                #expect(found.figures == 1)
            }
        }
    }

    /// The words of a text are those that cutting at everything but letters and digits gives.
    @Test(arguments: [
        "The mill by the river, 1843: 'grain & flour'.", "Élan vital à Paris", "Ёлка и 3 ели", "水車 2026年", "a\u{A0}b",
        String(repeating: "one two-three 4 ", count: 40), String(repeating: "naïve café 12x ", count: 40),
    ])
    func wordsAreRunsOfLettersAndDigits(_ text: String) {
        let scalars = text.unicodeScalars
        func isHan(_ scalar: Unicode.Scalar) -> Bool { (0x4E00...0x9FFF).contains(scalar.value) }
        var expected: [String] = [""]
        for scalar in scalars {
            if isHan(scalar) {
                expected += [String(scalar), ""]
            } else if scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value) {
                expected[expected.count - 1].unicodeScalars.append(scalar)
            } else {
                expected.append("")
            }
        }
        expected.removeAll { $0.isEmpty }
        #expect(words(text).all == expected.flatMap { words($0).all })
    }
}
