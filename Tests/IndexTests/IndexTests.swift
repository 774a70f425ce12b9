import Document
import Glibc
import JSON
import SQLite
import TestSupport
import Testing

@testable import Index

/// What the index says, when it says it, and that it is set aside rather than believed when it can't be right.
@Suite struct IndexTests {
    private let directory = Directory()
    private let first = DocumentID(high: 1, low: .max)
    private let second = DocumentID(high: .max, low: 0)
    private let hash = ContentHash(words: (.max, 2, 3, 4))

    private func open(lastPosition: UInt64 = 1000) throws -> Index {
        let (index, setAside) = try Index.open(directory: directory.path, lastPosition: lastPosition)
        #expect(setAside == nil)
        return index
    }

    private func put(
        _ id: DocumentID, at position: UInt64, revision: Int = 1, source: String = "a", hash: ContentHash? = nil,
        in index: Index
    ) throws {
        try index.apply(
            document: id, source: source, revision: revision, hash: hash ?? self.hash, fingerprint: nil,
            position: position)
        index.advance(to: position)
    }

    // MARK: Documents

    @Test func aDocumentIsSeenBeforeTheTransactionEnds() throws {
        let index = try open()
        #expect(try index.document(first) == nil)
        try put(first, at: 5, in: index)
        #expect(index.hasChanges)
        #expect(try index.document(first) == Index.Entry(revision: 1, position: 5, hash: hash))
        #expect(try index.firstDocument(with: hash) == first)
        try put(first, at: 6, revision: 2, hash: ContentHash(words: (9, 9, 9, 9)), in: index)
        #expect(try index.document(first)?.revision == 2)
        try index.commit()
        #expect(!index.hasChanges && index.position == 6)
    }

    @Test func theFirstThatHadAContentStaysTheFirst() throws {
        let index = try open()
        try put(first, at: 1, in: index)
        try put(second, at: 2, source: "b", in: index)
        #expect(try index.firstDocument(with: hash) == first)
        #expect(try index.firstDocument(with: ContentHash(words: (1, 2, 3, 4))) == nil)
    }

    @Test func positionsAreListedNewestFirstInPages() throws {
        let index = try open()
        for position in UInt64(1)...10 {
            try put(
                DocumentID(high: position, low: 0), at: position, source: position % 2 == 0 ? "even" : "odd", in: index)
        }
        #expect(try index.positions(source: nil, before: nil, limit: 3) == [10, 9, 8])
        #expect(try index.positions(source: nil, before: 3, limit: 9) == [2, 1])
        #expect(try index.positions(source: "even", before: 9, limit: 2) == [8, 6])
        #expect(try index.positions(source: "odd", before: .max, limit: 9) == [9, 7, 5, 3, 1])
        #expect(try index.positions(source: nil, before: 0, limit: 9).isEmpty)
        #expect(try index.positions(source: nil, before: nil, limit: 0).isEmpty)
    }

    @Test func askingForASourceDoesNotMakeIt() throws {
        let index = try open()
        #expect(try index.positions(source: "nobody", before: nil, limit: 5).isEmpty)
        #expect(try index.deadLetters(source: "nobody", before: nil, limit: 5).isEmpty)
        #expect(try index.state(of: "nobody").isEmpty)
        #expect(try index.sources().isEmpty)
        #expect(!index.hasChanges)
    }

    // MARK: Transactions

    @Test func whatWasNotCommittedIsGoneWithItsPosition() throws {
        var index: Index? = try open()
        if let index {
            try put(first, at: 5, in: index)
            try index.apply(cursor: Index.Cursor(position: 4, delivered: 3, rejected: 1), of: "sink")
            try index.commit()
            try put(second, at: 9, source: "new", in: index)
            try index.apply(receiptOf: "a", counts: [1, 1, 0, 0, 0, 0], state: ["k": 1])
            try index.apply(cursor: Index.Cursor(position: 9, delivered: 4), of: "sink")
            #expect(index.position == 9)
        }
        // As if killed: the connection goes without a commit.
        index = nil
        let again = try open()
        #expect(again.position == 5)
        #expect(try again.document(first) != nil)
        #expect(try again.document(second) == nil)
        #expect(try again.sources().map(\.name) == ["a"])
        #expect(try again.state(of: "a").isEmpty)
        #expect(try again.cursor(of: "sink") == Index.Cursor(position: 4, delivered: 3, rejected: 1))
        #expect(try again.cursor(of: "new sink") == Index.Cursor())
    }

    @Test func anIndexThatIsReplayedIsTheSame() throws {
        let index = try open()
        for _ in 0..<2 {
            try put(first, at: 1, in: index)
            try put(second, at: 2, in: index)
            try index.apply(
                deadLetterAt: 3, source: "a", time: Timestamp(seconds: 1), attempts: 1, uri: "u", reason: "r")
            try index.apply(cursor: Index.Cursor(position: 3, delivered: 2, rejected: 1), of: "sink")
            try index.commit()
        }
        #expect(try index.positions(source: nil, before: nil, limit: 9) == [2, 1])
        #expect(try index.deadLetters(source: nil, before: nil, limit: 9).count == 1)
        #expect(try index.cursor(of: "sink").delivered == 2)
        // The position never goes back.
        index.advance(to: 1)
        #expect(index.position == 2)
        try index.commit()
        #expect(index.position == 2)
    }

    // MARK: Sources

    @Test func countsAddUpAndStateIsMerged() throws {
        let index = try open()
        try index.apply(receiptOf: "é'; --", counts: [1, 2, 3, 4, 5, 6], state: ["a": 1, "b": ["x": nil], "c": "\0"])
        try index.apply(receiptOf: "é'; --", counts: [10], state: ["a": nil, "b": 2.5])
        try index.apply(receiptOf: "é'; --", counts: [], state: [:])
        let source = try #require(try index.sources().first)
        #expect(source.name == "é'; --" && source.counts == [11, 2, 3, 4, 5, 6] && !source.paused)
        #expect(try index.state(of: "é'; --") == ["b": 2.5, "c": "\0"])
        try index.apply(paused: true, source: "é'; --")
        try index.apply(paused: true, source: "another")
        #expect(try index.sources().map(\.paused) == [true, true])
        try index.apply(paused: false, source: "another")
        #expect(try index.sources().map(\.paused) == [false, true])
        try index.setRun(of: "a", ["last": 1])
        try index.setRun(of: "a", ["last": 2])
        var runs: [String: JSONValue] = [:]
        try index.forEachRun { runs[$0] = $1 }
        #expect(runs == ["a": ["last": 2]])
    }

    @Test func deadLettersAreListedBySource() throws {
        let index = try open()
        for position in UInt64(1)...4 {
            try index.apply(
                deadLetterAt: position, source: position < 3 ? "a" : "b", time: Timestamp(milliseconds: -1),
                attempts: Int(position), uri: "u\(position)", reason: "r")
        }
        #expect(try index.deadLetters(source: nil, before: 4, limit: 2).map(\.position) == [3, 2])
        let letter = try #require(try index.deadLetters(source: "a", before: nil, limit: 1).first)
        #expect(
            letter
                == Index.DeadLetterEntry(
                    position: 2, source: "a", time: Timestamp(milliseconds: -1), attempts: 2, uri: "u2", reason: "r"))
    }

    // MARK: Setting aside

    /// Fills an index, has `change` done to it, and expects a new and empty one.
    private func isSetAside(lastPosition: UInt64 = 1000, _ change: (String) throws -> Void) throws -> String {
        do {
            let index = try open()
            try put(first, at: 500, in: index)
            try index.commit()
        }
        try change(directory.file("index.sqlite3"))
        let (index, reason) = try Index.open(directory: directory.path, lastPosition: lastPosition)
        #expect(index.position == 0)
        #expect(try index.document(first) == nil)
        try put(first, at: 7, in: index)
        try index.commit()
        #expect(directory.names.contains { $0.hasPrefix("index.sqlite3.damaged-") })
        return try #require(reason)
    }

    @Test func anIndexOfAnotherLogIsSetAside() throws {
        #expect(try isSetAside(lastPosition: 499) { _ in }.contains("500"))
    }

    @Test func anIndexOfAnotherVersionIsSetAside() throws {
        #expect(
            try isSetAside { try Connection(path: $0, checkedPages: true).execute("PRAGMA user_version=77") }.contains(
                "77"))
    }

    @Test func anIndexWithoutATableIsSetAside() throws {
        #expect(
            try isSetAside { try Connection(path: $0, checkedPages: true).execute("DROP TABLE cursors") }.contains(
                "cursors"))
    }

    @Test func anIndexWithoutAColumnIsSetAside() throws {
        #expect(
            try isSetAside {
                try Connection(path: $0, checkedPages: true).execute("ALTER TABLE documents DROP COLUMN fingerprint")
            }.contains("documents"))
    }

    @Test func rubbishIsSetAside() throws {
        _ = try isSetAside { path in
            let descriptor = Glibc.open(path, O_WRONLY | O_TRUNC)
            let text = String(repeating: "no database\n", count: 2000)
            #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
            close(descriptor)
        }
    }

    @Test func anIndexOfZerosIsSetAside() throws {
        _ = try isSetAside { path in
            let size = try self.size(path)
            truncate(path, 0)
            truncate(path, off_t(size))
        }
    }

    private func size(_ path: String) throws -> Int {
        var information = stat()
        try #require(stat(path, &information) == 0)
        return Int(information.st_size)
    }

    /// Reads everything, as the daemon may at any time.
    private func readAll(_ index: Index) throws {
        for table in [
            "meta", "sources", "documents", "key_runs", "positions", "checkpoints", "dead_letters", "cursors", "runs",
        ] {
            let statement = try index.connection.prepare("SELECT * FROM \(table)")
            while try statement.step() {}
        }
    }

    private func fillMany() throws {
        let index = try open()
        for number in UInt64(1)...900 {
            try put(
                DocumentID(high: number &* 0x9E37_79B9_7F4A_7C15, low: number), at: number, source: "s\(number % 7)",
                hash: ContentHash(words: (number, number, number, number)), in: index)
            try index.apply(
                receiptOf: "s\(number % 7)", counts: [1, 1], state: ["k\(number % 90)": .integer(Int64(number))])
        }
        try index.commit()
    }

    @Test func aFlippedBitInAnyPageIsFound() throws {
        try fillMany()
        let path = directory.file("index.sqlite3")
        let pages = try size(path) / 4096
        #expect(pages > 20)
        let descriptor = Glibc.open(path, O_RDWR)
        defer { close(descriptor) }
        var random = SystemRandomNumberGenerator()
        for page in 0..<pages {
            // Anywhere in the page, but not in what SQLite sets aside behind the checksum.
            let offset = off_t(page * 4096 + Int.random(in: 0..<4092, using: &random))
            var byte: UInt8 = 0
            #expect(pread(descriptor, &byte, 1, offset) == 1)
            var flipped = byte ^ (1 << UInt8.random(in: 0..<8, using: &random))
            #expect(pwrite(descriptor, &flipped, 1, offset) == 1)
            do {
                let index = try Index(path: path)
                try readAll(index)
                Issue.record("byte \(offset) of the index was flipped and nobody saw it")
            } catch let error as SQLiteError {
                #expect(Index.isDamage(error), "\(error)")
            }
            #expect(pwrite(descriptor, &byte, 1, offset) == 1)
        }
        try readAll(try Index(path: path))
    }

    @Test func anIndexCutAnywhereIsFound() throws {
        try fillMany()
        let path = directory.file("index.sqlite3")
        let whole = try size(path)
        for length in [whole - 4096, whole / 2, 8192, 4096, 4000, 100, 20] {
            let copy = directory.file("copy")
            #expect(Self.copy(path, to: copy))
            truncate(copy, off_t(length))
            do {
                try readAll(try Index(path: copy))
                Issue.record("an index of \(length) of \(whole) bytes was taken for whole")
            } catch let error as SQLiteError {
                #expect(Index.isDamage(error), "\(error)")
            }
            for suffix in ["", "-wal", "-shm"] { unlink(copy + suffix) }
        }
    }

    private static func copy(_ path: String, to copy: String) -> Bool {
        let source = Glibc.open(path, O_RDONLY)
        let target = Glibc.open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer {
            close(source)
            close(target)
        }
        return sendfile(target, source, nil, 1 << 30) > 0
    }

    @Test func onlyTheNewestDamagedOnesAreKept() throws {
        for _ in 0..<6 {
            close(Glibc.open(directory.file("index.sqlite3"), O_WRONLY | O_CREAT, 0o600))
            #expect(try Index.setAside(directory: directory.path) != nil)
        }
        #expect(try Index.setAside(directory: directory.path) == nil)
        #expect(directory.names.filter { $0.hasPrefix("index.sqlite3.damaged-") }.count == 3)
    }

    @Test func anEmptyFileIsAnIndexThatIsNew() throws {
        close(Glibc.open(directory.file("index.sqlite3"), O_WRONLY | O_CREAT, 0o600))
        #expect(try open().position == 0)
    }

    @Test func aDirectoryThatCanNotBeMadeIsTold() throws {
        #expect(throws: SQLiteError.self) { try Index.open(directory: "/proc/nowhere/index", lastPosition: 0) }
    }
}

typealias Directory = TemporaryDirectory

extension TemporaryDirectory {
    /// The files in it.
    var names: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
