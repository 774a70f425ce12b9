import Document
import Glibc
import SQLite
import Testing

@testable import Index

/// That keys are found through runs and merges, after whatever happened to their files, and that damage is seen.
@Suite struct DocumentKeysTests {
    private let directory = Directory()
    private var path: String { directory.file("index.sqlite3") }

    private func id(_ number: Int) -> DocumentID {
        let bits = UInt64(bitPattern: Int64(number))
        return DocumentID(high: bits &* 0x9E37_79B9_7F4A_7C15, low: bits)
    }

    /// Two documents in three hundred have the same content.
    private func hash(_ number: Int) -> ContentHash { ContentHash(words: (UInt64(number % 300), 1, 2, 3)) }

    private func fingerprint(_ number: Int) -> Fingerprint {
        var print = Fingerprint(words: 100, sketch: SIMD4(repeating: UInt64(number) | 0x1111_1111_1111_1111))
        for key in 0..<Fingerprint.keyCount { print.keys[key] = UInt32(number * 8 + key + 1) }
        // A phrase that all have.
        print.keys[0] = 1
        return print
    }

    private func put(_ numbers: Range<Int>, revision: Int = 1, in index: Index, commitEvery: Int = 16) throws {
        for number in numbers {
            let position = index.position + 1
            try index.apply(
                document: id(number), source: "a", revision: revision, hash: hash(number * revision),
                fingerprint: fingerprint(number), position: position)
            index.advance(to: position)
            if number % commitEvery == 0 { try index.commit() }
        }
        try index.commit()
    }

    private func check(_ numbers: Range<Int>, revision: Int = 1, in index: Index) throws {
        for number in numbers {
            let known = try #require(try index.document(id(number)), "document \(number)")
            #expect(known.revision == revision && known.hash == hash(number * revision))
            let first = try #require(try index.firstDocument(with: hash(number)))
            #expect(first == id(number % 300))
            #expect(try index.nearestDocument(to: fingerprint(number), besides: id(-1))?.id == id(number))
        }
        #expect(try index.document(id(-5)) == nil)
        #expect(try index.firstDocument(with: ContentHash(words: (999_999, 1, 2, 3))) == nil)
    }

    private var runs: [String] { directory.names.filter { $0.hasPrefix("index.sqlite3-keys-") } }

    @Test func documentsAreFoundThroughManyRunsAndMerges() throws {
        var index: Index? = try Index(path: path, documentsPerRun: 32)
        if let index {
            try put(0..<3000, in: index)
            try check(0..<3000, in: index)
            try put(0..<500, revision: 2, in: index)
            try check(0..<500, revision: 2, in: index)
            try check(500..<3000, in: index)
        }
        index = nil
        let again = try Index(path: path, documentsPerRun: 32)
        try check(0..<500, revision: 2, in: again)
        try check(500..<3000, in: again)
        // Each run is another size, so there are few of them.
        #expect(runs.count < 16)
    }

    @Test func aLongTransactionIsNoTrouble() throws {
        let index = try Index(path: path, documentsPerRun: 16)
        try put(0..<2000, in: index, commitEvery: 100_000)
        try check(0..<2000, in: index)
    }

    @Test func whatWasNotCommittedIsNotFound() throws {
        var index: Index? = try Index(path: path, documentsPerRun: 16)
        if let index {
            try put(0..<200, in: index)
            for number in 200..<400 {
                try index.apply(
                    document: id(number), source: "a", revision: 1, hash: hash(number),
                    fingerprint: fingerprint(number), position: UInt64(number + 1))
            }
        }
        // As if killed: runs were written for a transaction that did not end.
        index = nil
        let again = try Index(path: path, documentsPerRun: 16)
        #expect(again.position == 200)
        for number in 200..<400 { #expect(try again.document(id(number)) == nil) }
        try check(0..<200, in: again)
        try put(200..<400, in: again)
        try check(0..<400, in: again)
    }

    @Test func filesThatNobodyNamesAreRemoved() throws {
        try put(0..<100, in: Index(path: path, documentsPerRun: 16))
        close(Glibc.open(path + "-keys-999", O_WRONLY | O_CREAT, 0o600))
        _ = try Index(path: path, documentsPerRun: 16)
        #expect(!runs.contains("index.sqlite3-keys-999"))
    }

    @Test func anEndWritesWhatTheNextStartWouldRead() throws {
        let index = try Index(path: path, documentsPerRun: 64)
        try put(0..<40, in: index)
        #expect(runs.isEmpty)
        index.close()
        #expect(runs.count == 1)
        try check(0..<40, in: Index(path: path, documentsPerRun: 64))
    }

    @Test(arguments: ["missing", "empty", "cut", "rubbish", "longer"])
    func runsThatCanNotBeBelievedAreMadeAgain(_ damage: String) throws {
        try put(0..<1000, in: Index(path: path, documentsPerRun: 32))
        for run in runs {
            let file = directory.file(run)
            var information = stat()
            try #require(stat(file, &information) == 0)
            switch damage {
            case "missing": unlink(file)
            case "empty": truncate(file, 0)
            case "cut": truncate(file, information.st_size / 2)
            case "longer": truncate(file, information.st_size + 16)
            default:
                let descriptor = Glibc.open(file, O_WRONLY)
                #expect(pwrite(descriptor, "rubbish", 7, 20) == 7)
                close(descriptor)
            }
            // One is enough.
            break
        }
        try check(0..<1000, in: Index(path: path, documentsPerRun: 32))
    }

    /// What is believed is checked at each look, so a flipped bit is damage or, where only near duplicates are found by it, no
    /// matter; nobody is ever taken for somebody else, and nothing traps.
    @Test func aFlippedBitAnywhereInARunIsFoundOrDoesNotMatter() throws {
        try put(0..<200, in: Index(path: path, documentsPerRun: 150))
        let run = try #require(runs.first)
        let descriptor = Glibc.open(directory.file(run), O_RDWR)
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var found = 0
        for offset in stride(from: 0, to: size, by: 7) {
            var byte: UInt8 = 0
            #expect(pread(descriptor, &byte, 1, off_t(offset)) == 1)
            var flipped = byte ^ (1 << UInt8(offset % 8))
            #expect(pwrite(descriptor, &flipped, 1, off_t(offset)) == 1)
            do {
                let opened = try KeyRun(path: directory.file(run), number: 1)
                var bucket: [KeyEntry] = []
                for number in 0..<150 {
                    let found = try opened.find(DocumentKey(id(number)), in: &bucket)
                    #expect(bucket[found].map(\.position) == [UInt64(number + 1)])
                    _ = try opened.find(DocumentKey(passage: UInt32(number * 8 + 3)), in: &bucket)
                }
            } catch {
                #expect(Index.isDamage(error))
                found += 1
            }
            #expect(pwrite(descriptor, &byte, 1, off_t(offset)) == 1)
        }
        #expect(found > size / 7 * 9 / 10)
    }

    /// The kernel tells of a sector that can't be read as of a page behind the end of the file: by a signal.
    @Test func whatCanNotBeReadIsDamage() throws {
        let index = try Index(path: path, documentsPerRun: 512)
        try put(0..<512, in: index)
        try check(0..<512, in: index)
        #expect(truncate(directory.file(try #require(runs.first)), 4096) == 0)
        var (found, failed) = (0, 0)
        for number in 0..<512 {
            do { found += try index.document(id(number)) == nil ? 0 : 1 } catch {
                #expect(Index.isDamage(error) && "\(error)".contains("can't be read at"), "\(error)")
                failed += 1
            }
        }
        #expect(found + failed == 512 && failed > 400)
    }

    @Test func aMergeTellsOfWhatCanNotBeRead() throws {
        let index = try Index(path: path, documentsPerRun: 512)
        try put(0..<512, in: index)
        #expect(truncate(directory.file(try #require(runs.first)), 4096) == 0)
        let error = #expect(throws: SQLiteError.self) {
            for turn in 0..<200 {
                try put(1000 + turn * 512..<1512 + turn * 512, in: index, commitEvery: 512)
                usleep(1000)
            }
        }
        #expect(error.map { Index.isDamage($0) && "\($0)".contains("can't be read at") } == true, "\(error as Any)")
    }

    @Test func aBusErrorElsewhereStillEndsTheProcess() async {
        await #expect(processExitsWith: .signal(SIGBUS)) {
            let directory = Directory()
            let writer = try KeyRunWriter(path: directory.file("run"), number: 1, capacity: 1)
            try writer.append(KeyEntry(key: 5, position: 7))
            try writer.finish()
            var bucket: [KeyEntry] = []
            let run = try KeyRun(path: directory.file("run"), number: 1)
            guard try run.find(DocumentKey(bits: 5), in: &bucket).count == 1 else { return }
            let descriptor = Glibc.open(directory.file("other"), O_RDWR | O_CREAT, 0o600)
            let mapped = mmap(nil, 4096, PROT_READ, MAP_SHARED, descriptor, 0)
            print(mapped?.load(as: UInt8.self) ?? 0)
        }
    }

    /// In the directory, and in the entries.
    @Test(arguments: [700, 5000]) func damageThatAMergeMeetsIsTold(_ offset: off_t) throws {
        let index = try Index(path: path, documentsPerRun: 64)
        try put(0..<130, in: index)
        let run = try #require(runs.first)
        let descriptor = Glibc.open(directory.file(run), O_RDWR)
        #expect(pwrite(descriptor, "x", 1, offset) == 1)
        close(descriptor)
        #expect(throws: SQLiteError.self) {
            for turn in 0..<200 {
                try put(1000 + turn * 64..<1064 + turn * 64, in: index, commitEvery: 64)
                usleep(1000)
            }
        }
    }

    /// What stands in SQLite's log only may be gone after a power failure; runs are durable before the database names them.
    @Test func aPowerFailureTakesNoMoreThanTheNewestTransactions() throws {
        let index = try Index(path: path, documentsPerRun: 500)
        try put(0..<1800, in: index, commitEvery: 1)
        for name in directory.names where name == "index.sqlite3" || name.hasPrefix("index.sqlite3-keys-") {
            try copy(directory.file(name), to: directory.file("copy" + name.dropFirst("index.sqlite3".count)))
        }
        let survivor = try Index(path: directory.file("copy"), documentsPerRun: 500)
        #expect(survivor.position >= 1800 - 1000)
        #expect(survivor.position < 1800)
        try check(0..<Int(survivor.position), in: survivor)
    }

    private func copy(_ source: String, to target: String) throws {
        let (from, to) = (
            Glibc.open(source, O_RDONLY), Glibc.open(target, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        )
        defer {
            close(from)
            close(to)
        }
        // A run that is just being made in the background may be empty yet; nothing names it.
        try #require(sendfile(to, from, nil, 1 << 30) >= 0)
    }

    @Test func trimmingForgetsOlderRevisionsOnly() throws {
        let index = try Index(path: path, documentsPerRun: 16)
        try put(0..<100, in: index)
        try put(0..<50, revision: 2, in: index)
        try index.forgetPlaces(before: 101)
        try index.commit()
        #expect(try index.positions(source: nil, before: nil, limit: 1000).count == 50)
        for number in 0..<100 { #expect(try index.document(id(number))?.revision == (number < 50 ? 2 : 1)) }
        #expect(try index.connection.integer("SELECT count(*) FROM documents") == 100)
        // What is revised only afterwards leaves nothing behind, either.
        try put(50..<100, revision: 3, in: index)
        for number in 50..<100 { #expect(try index.document(id(number))?.revision == 3) }
        #expect(try index.connection.integer("SELECT count(*) FROM documents") == 100)
    }
}
