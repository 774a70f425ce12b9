import CSQLite
import Document
import Glibc
import SQLite
import Synchronization
import Testing

@testable import Index

/// A page of the database that the disk can't read any more is damage as a flipped bit is: opened anew it would fail for ever.
@Suite(.serialized) struct UnreadablePageTests {
    private let directory = Directory()
    private let size = 4096
    private var database: String { directory.file("index.sqlite3") }

    private func document(_ number: UInt64) -> DocumentID { DocumentID(high: number, low: 0) }

    private func fill() throws {
        let index = try Index.open(directory: directory.path, lastPosition: 1000).index
        for number in 1...500 as ClosedRange<UInt64> {
            try index.apply(
                document: document(number), source: "a", revision: 1, hash: ContentHash(words: (number, 2, 3, 4)),
                fingerprint: nil, position: number)
            index.advance(to: number)
        }
        try index.commit()
    }

    /// Reads all that the index holds.
    private func read(_ index: Index) throws {
        _ = try index.sources()
        for position in try index.positions(source: nil, before: nil, limit: 1000) {
            #expect(try index.document(document(position))?.position == position)
        }
    }

    @Test(arguments: [EIO, EBADMSG]) func aPageThatCanNotBeReadIsDamage(_ error: Int32) throws {
        try fill()
        let pages = try UnreadablePages(in: database, error: error)
        #expect(pages.count > 8)
        defer { pages.readable() }
        var seen = 0
        for page in 0..<pages.count {
            pages.readable()
            try read(try Index.open(directory: directory.path, lastPosition: 1000).index)
            pages.unreadable(page)
            // Taken back before anything is set aside, so that each page has its turn in the same file.
            do throws(SQLiteError) {
                let index = try Index(path: database)
                do { try read(index) } catch let error as SQLiteError { throw error } catch {
                    Issue.record(error)
                }
            } catch {
                seen += 1
                #expect(Index.isDamage(error), "page \(page): \(error)")
            }
        }
        // Some hold only what nothing here asks for.
        #expect(seen > pages.count / 2, "\(seen) of \(pages.count)")
    }

    @Test func aFirstPageThatCanNotBeReadIsSetAsideAtTheStart() throws {
        try fill()
        let pages = try UnreadablePages(in: database, error: EIO)
        defer { pages.readable() }
        pages.unreadable(0)
        let (index, reason) = try Index.open(directory: directory.path, lastPosition: 1000)
        #expect(reason?.contains("set aside as") == true, "\(reason ?? "none")")
        #expect(index.position == 0)
        #expect(directory.names.contains { $0.hasPrefix("index.sqlite3.damaged-") })
    }
}

/// Lets the disk fail to read one page of one file, where SQLite asks the system for it: SQLite's VFS lets each of its calls to
/// the system be exchanged (sqlite3_vfs.xSetSystemCall). Other files, which other tests read meanwhile, are read as ever.
private struct UnreadablePages {
    private struct Target {
        var device: dev_t
        var inode: ino_t
        var range: Range<off_t>
        var error: Int32
    }
    private static let target = Mutex<Target?>(nil)
    private let information: stat
    private let error: Int32
    var count: Int { Int(information.st_size) / 4096 }

    init(in path: String, error: Int32) throws {
        var information = stat()
        try #require(stat(path, &information) == 0)
        self.information = information
        self.error = error
        // Which of the two this SQLite was built to use is its packager's choice.
        let system = try #require(sqlite3_vfs_find("unix"))
        let call = unsafeBitCast(readOrFail, to: sqlite3_syscall_ptr.self)
        for name in ["pread", "pread64"] where system.pointee.xGetSystemCall(system, name) != nil {
            try #require(system.pointee.xSetSystemCall(system, name, call) == SQLITE_OK)
        }
    }

    func unreadable(_ page: Int) {
        let start = off_t(page) * 4096
        let target = Target(
            device: information.st_dev, inode: information.st_ino, range: start..<start + 4096, error: error)
        Self.target.withLock { $0 = target }
    }

    func readable() { Self.target.withLock { $0 = nil } }

    /// The error of a read that the target is in.
    fileprivate static func error(_ file: Int32, _ range: Range<off_t>) -> Int32? {
        var information = stat()
        guard let target = target.withLock({ $0 }), fstat(file, &information) == 0 else { return nil }
        guard target.device == information.st_dev, target.inode == information.st_ino else { return nil }
        return target.range.overlaps(range) ? target.error : nil
    }
}

private let readOrFail: @convention(c) (Int32, UnsafeMutableRawPointer?, Int, off_t) -> Int = {
    file, bytes, count, offset in
    guard let error = UnreadablePages.error(file, offset..<offset + off_t(count)) else {
        return pread(file, bytes, count, offset)
    }
    errno = error
    return -1
}
