import Document
import Testing

@testable import Index

/// That documents with keys in common are counted, each by itself.
@Suite struct CandidatesTests {
    private func positions(_ numbers: some Sequence<UInt64>) -> KeyPositions {
        var positions = KeyPositions()
        for number in numbers { positions.insert(number) }
        return positions
    }

    /// As many different ones as there can be, on both sides, and two that come again.
    @Test func allAreCounted() {
        var candidates = Candidates()
        for key in 0..<UInt64(Fingerprint.keyCount) {
            let own = key * 8 + 1..<key * 8 + 9
            candidates.add(positions(own), arePending: false)
            candidates.add(positions(own), arePending: true)
        }
        candidates.add(positions([64, 7]), arePending: true)
        candidates.add(positions([64]), arePending: true)
        let likeliest = candidates.likeliest(8, withKeys: 2)
        #expect(likeliest.map(\.position) == [64, 7] && likeliest.map(\.keys) == [3, 2])
        #expect(likeliest.map(\.isPending) == [true, true])
    }
}
