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
            try index.note(print(number), of: id(number))
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
        try index.note(short, of: id(1))
        try index.apply(
            document: id(1), source: "a", revision: 1, hash: ContentHash(words: (1, 1, 1, 1)), fingerprint: short,
            position: 1)
        #expect(try index.nearestDocument(to: short, besides: id(-1)) == nil)
        #expect(try index.nearestDocument(to: print(1), besides: id(-1)) == nil)
        try index.note(print(2), of: id(2))
        try index.apply(
            document: id(2), source: "a", revision: 1, hash: ContentHash(words: (2, 1, 1, 1)), fingerprint: nil,
            position: 2)
        #expect(try index.nearestDocument(to: print(2), besides: id(-1)) == nil)
    }

    @Test func whatIsPendingIsFoundToo() throws {
        let index = try open()
        try index.note(print(5), of: id(5))
        #expect(try index.nearestDocument(to: print(5), besides: id(-1)) == nil)
        let pending = [Index.key(of: id(5)): (id: id(5), fingerprint: print(5))]
        #expect(try index.nearestDocument(to: print(5), besides: id(-1), pending: pending)?.id == id(5))
    }

    @Test func aPhraseOfThousandsOfDocumentsTakesNoRoom() throws {
        let table = try KeyTable(path: directory.file("keys"))
        for number in 0..<5000 { try table.insert(77, prefix: UInt32(number)) }
        var holders = 0
        table.forEach(77) { _ in holders += 1 }
        #expect(holders == KeyTable.documentsPerKey)
        // Keys that all go into one bucket push each other out, and nothing else.
        for number in UInt32(0)..<5000 { try table.insert(number << 16 | 5, prefix: number) }
        holders = 0
        table.forEach(77) { _ in holders += 1 }
        #expect(holders == KeyTable.documentsPerKey)
    }

    @Test func theTableIsThereAfterAnEndOfAnyKind() throws {
        do {
            let index = try open()
            try put(0..<3000, in: index)
        }
        #expect(try found(0..<3000, in: open()) == 3000)
        do {
            let index = try open()
            try put(3000..<6000, in: index)
            index.close()
        }
        #expect(try found(0..<6000, in: open()) == 6000)
    }

    @Test(arguments: ["missing", "empty", "cut", "rubbish", "of another start", "too many buckets"])
    func aTableThatCanNotBeBelievedIsMadeAgain(_ damage: String) throws {
        try put(0..<3000, in: open())
        let path = directory.file("index.sqlite3-keys")
        let descriptor = Glibc.open(path, O_RDWR)
        defer { close(descriptor) }
        func write(_ value: UInt64, at offset: Int) {
            #expect(withUnsafeBytes(of: value) { pwrite(descriptor, $0.baseAddress, 8, off_t(offset)) } == 8)
        }
        switch damage {
        case "missing": unlink(path)
        case "empty": ftruncate(descriptor, 0)
        case "cut": ftruncate(descriptor, 5000)
        case "rubbish": write(1, at: 0)
        case "of another start": write(12345, at: 24)
        default: write(1 << 40, at: 8)
        }
        #expect(try found(0..<3000, in: open()) == 3000)
    }
}
