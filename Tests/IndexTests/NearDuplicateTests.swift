import Document
import Glibc
import SQLite
import Testing

@testable import Index

/// That near duplicates are found among many, at a bounded cost, and after whatever happened to the table of keys.
@Suite struct NearDuplicateTests {
    private let directory = Directory()

    private func open(lastPosition: UInt64 = .max) throws -> Index {
        try Index.open(directory: directory.path, lastPosition: lastPosition).index
    }

    private func id(_ number: Int) -> DocumentID {
        let bits = UInt64(bitPattern: Int64(number))
        return DocumentID(high: bits &* 0x9E37_79B9_7F4A_7C15, low: bits)
    }

    private func print(_ number: Int) -> Fingerprint {
        var state = UInt64(number) &* 0xD134_2543_DE82_EF95 &+ 1
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 29) &* 0x94D0_49BB_1331_11EB
        }
        var print = Fingerprint(words: 300)
        for word in 0..<4 { print.sketch[word] = next() | 0x1111_1111_1111_1111 }
        for key in 0..<Fingerprint.keyCount { print.keys[key] = max(1, UInt32(truncatingIfNeeded: next() >> 13)) }
        return print
    }

    private func put(_ numbers: Range<Int>, in index: Index) throws {
        for number in numbers {
            try index.apply(
                document: id(number), source: "a", revision: 1, hash: ContentHash(words: (UInt64(number), 1, 2, 3)),
                fingerprint: print(number), position: UInt64(number + 1))
        }
        try index.commit()
    }

    private func found(_ numbers: Range<Int>, in index: Index) throws -> Int {
        try numbers.count { number in
            try index.nearestDocument(to: print(number), besides: id(-1))?.id == id(number)
        }
    }

    @Test func oneAmongThousandsIsFoundAndOnlyThatOne() throws {
        let index = try open()
        try put(0..<20_000, in: index)
        #expect(try found(0..<20_000, in: index) == 20_000)
        #expect(try index.nearestDocument(to: print(7), besides: id(7)) == nil)
        #expect(try found(20_000..<20_500, in: index) == 0)
        var near = print(7)
        near.sketch[0] ^= 0x1000_0000_2000_0002
        near.keys[2] = 99
        let nearest = try #require(try index.nearestDocument(to: near, besides: id(-1)))
        #expect(nearest.id == id(7) && nearest.similarity < 1 && nearest.similarity > 0.9)
    }

    @Test func shortTextsAndDuplicatesAreNotCompared() throws {
        let index = try open()
        var short = print(1)
        short.words = UInt32(Fingerprint.fewestWords - 1)
        try index.apply(
            document: id(1), source: "a", revision: 1, hash: ContentHash(words: (1, 1, 1, 1)), fingerprint: short,
            position: 1)
        #expect(try index.nearestDocument(to: short, besides: id(-1)) == nil)
        #expect(try index.nearestDocument(to: print(1), besides: id(-1)) == nil)
        try index.apply(
            document: id(2), source: "a", revision: 1, hash: ContentHash(words: (2, 1, 1, 1)), fingerprint: nil,
            position: 2)
        #expect(try index.nearestDocument(to: print(2), besides: id(-1)) == nil)
    }

    @Test func whatIsPendingIsFoundToo() throws {
        let index = try open()
        try put(0..<10, in: index)
        var pending = PendingDocuments()
        #expect(try index.nearestDocument(to: print(50), besides: id(-1), pending: pending) == nil)
        for number in 50..<300 { pending.add(id(number), print(number)) }
        for number in 50..<300 {
            #expect(
                try index.nearestDocument(to: print(number), besides: id(-1), pending: pending)?.id == id(number))
        }
        #expect(try index.nearestDocument(to: print(5), besides: id(-1), pending: pending)?.id == id(5))
        #expect(try index.nearestDocument(to: print(50), besides: id(50), pending: pending) == nil)
    }

    @Test func whatADocumentWasBeforeIsNotFound() throws {
        let index = try open()
        try put(0..<10, in: index)
        try index.apply(
            document: id(3), source: "a", revision: 2, hash: ContentHash(words: (77, 1, 2, 3)), fingerprint: print(40),
            position: 11)
        #expect(try index.nearestDocument(to: print(3), besides: id(-1)) == nil)
        #expect(try index.nearestDocument(to: print(40), besides: id(-1))?.id == id(3))
    }

    @Test func theFirstOfThoseThatShareAPhraseAreRemembered() throws {
        let index = try open()
        var shared = print(0)
        for number in 0..<100 {
            shared.words = UInt32(300 + number)
            try index.apply(
                document: id(number), source: "a", revision: 1, hash: ContentHash(words: (UInt64(number), 1, 2, 3)),
                fingerprint: shared, position: UInt64(number + 1))
        }
        try index.commit()
        let nearest = try #require(try index.nearestDocument(to: shared, besides: id(-1)))
        #expect((0..<DocumentKey.positionsPerKey).map(id).contains(nearest.id))
    }
}
