import Document
import Testing

@testable import Index

/// The keys in memory: how many of each are kept, and that a run gets them in order.
@Suite struct RecentKeysTests {
    /// The most that one key costs, however many documents have it.
    @Test func aKeyThatAllHaveHasEightPositions() throws {
        let keys = RecentKeys()
        let phrase = DocumentKey(passage: 5)
        let identity = DocumentKey(DocumentID(high: 5, low: 5))
        for position in UInt64(1)...50_000 {
            keys.insert(phrase, at: position)
            keys.insert(identity, at: position)
        }
        #expect(keys.count == 16)
        #expect(keys.positions(of: phrase)[7] == 8)
        let newest = keys.positions(of: identity)
        #expect(newest.count == 8 && newest[0] == 49_993 && newest[7] == 50_000)
    }

    /// Spread evenly as hashes are, and as somebody who can choose them would have them.
    @Test(arguments: [UInt64.max, 1 << 20, 1 << 56]) func theyComeInOrder(_ highest: UInt64) throws {
        let keys = RecentKeys()
        var expected: [KeyEntry] = []
        var random = SystemRandomNumberGenerator()
        for position in UInt64(1)...5000 {
            let entry = KeyEntry(key: UInt64.random(in: 4..<highest, using: &random), position: position)
            keys.insert(DocumentKey(bits: entry.key), at: position)
            expected.append(entry)
        }
        for position in UInt64(6000)...6003 {
            keys.insert(DocumentKey(bits: expected[0].key), at: position)
            expected.append(KeyEntry(key: expected[0].key, position: position))
        }
        #expect(keys.sorted() == expected.sorted())
        #expect(RecentKeys().sorted().isEmpty)
    }
}
