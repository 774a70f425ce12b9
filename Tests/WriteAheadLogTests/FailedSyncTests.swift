import Glibc
import Synchronization
import TestSupport
import Testing

@testable import WriteAheadLog

/// What was not durable when a sync failed is written again, and found again.
@Suite struct FailedSyncTests {
    let directory = TemporaryDirectory()

    /// Batches of the same sync as the damaged one prove nothing; one that was written after it does.
    @Test func damageInTheMiddleOfASyncIsNoTornEnd() async throws {
        let fileSystem = FailingFileSystem()
        let log = try WriteAheadLog(directory: directory.path, fileSystem: fileSystem)
        fileSystem.holdSyncs()
        var last: UInt64 = 0
        for number in 1...10 {
            last = try log.enqueue(batch(number)).upperBound
            if number == 1 { usleep(100_000) }
        }
        fileSystem.letSyncsGo()
        try await log.durable(last)
        try await log.append(batch(11))
        log.close()
        let path = "\(directory.path)/\(SegmentFormat.fileName(firstPosition: 1))"
        let file = try SystemFileSystem().open(path, writable: true)
        // In the records of the third batch; each has 64 bytes.
        try file.write([0xFF], at: SegmentFormat.headerLength + 2 * 64 + 55)
        for _ in 0..<2 {
            let again = try WriteAheadLog(directory: directory.path)
            #expect(again.recovery.tornBytes == 0)
            #expect(again.recovery.faults.count == 1)
            #expect(again.statistics.last == 11)
            #expect(try contents(of: again).count == 10)
            again.close()
        }
        var walk = try LogWalk(directory: directory.path)
        var found = 0
        var faults = 0
        walking: while true {
            switch try walk.next() {
            case .batch: found += 1
            case .fault: faults += 1
            case .end(let torn):
                #expect(torn == 0)
                break walking
            }
        }
        #expect(found == 10 && faults == 1)
    }

    /// A group may fill one segment and begin the next. When the sync at its end fails, it is written again from its first
    /// batch on, which begins a segment before the one that failed.
    @Test func theSegmentThatFailedDoesNotHideWhatIsWrittenAgain() async throws {
        let fileSystem = FailingFileSystem()
        var options = LogOptions()
        options.segmentSize = 8192
        let log = try WriteAheadLog(directory: directory.path, options: options, fileSystem: fileSystem)
        fileSystem.holdSyncs()
        var batches: [ClosedRange<UInt64>] = []
        // The first is held in its sync; the others gather behind it and become one group over several segments.
        for number in 0..<12 {
            var batch = LogBatch()
            batch.append(kind: 1, [UInt8](repeating: UInt8(number), count: 1500))
            batches.append(try log.enqueue(batch))
            if number == 0 { usleep(100_000) }
        }
        fileSystem.failOnce(afterSegments: 2)
        fileSystem.letSyncsGo()
        try await log.durable(batches[11].upperBound)
        #expect(fileSystem.failures == 1)
        func read(_ log: WriteAheadLog) throws -> [UInt8] {
            var found: [UInt8] = []
            var reader = LogReader(log, from: 1)
            while try reader.nextBatch({ found.append($0.bytes[0]) }) {}
            #expect(reader.faults.isEmpty)
            return found
        }
        #expect(try read(log) == Array(0..<12))
        log.close()
        let again = try WriteAheadLog(directory: directory.path, options: options)
        #expect(again.recovery.faults.isEmpty && again.statistics.last == 12)
        #expect(try read(again) == Array(0..<12))
        again.close()
        #expect(try LogVerification(directory: directory.path).records == 12)
    }
}

/// The operating system's, but that syncs can be held and one of them made to fail.
private final class FailingFileSystem: LogFileSystem {
    private struct State {
        var isHeld = false
        var created = 0
        var failAtSegment: Int?
        var failures = 0
    }
    private let state = Mutex(State())
    private let system = SystemFileSystem()

    var failures: Int { state.withLock { $0.failures } }
    func holdSyncs() { state.withLock { $0.isHeld = true } }
    func letSyncsGo() { state.withLock { $0.isHeld = false } }
    /// The second sync of the last of so many new segments, the first of which is that of its header, fails.
    func failOnce(afterSegments count: Int) { state.withLock { $0.failAtSegment = $0.created + count } }

    fileprivate func beforeSync(of segment: Int, number: Int) throws(LogError) {
        while state.withLock({ $0.isHeld }) { usleep(1000) }
        let fails = state.withLock { state in
            guard state.failAtSegment == segment, number == 2 else { return false }
            state.failAtSegment = nil
            state.failures += 1
            return true
        }
        if fails { throw LogError.system(EIO, "can't sync") }
    }

    func list(_ directory: String) throws(LogError) -> [String] { try system.list(directory) }
    func makeDirectory(_ path: String) throws(LogError) { try system.makeDirectory(path) }
    func open(_ path: String, writable: Bool) throws(LogError) -> any LogFile {
        try system.open(path, writable: writable)
    }
    func create(_ path: String, size: Int) throws(LogError) -> any LogFile {
        let number = state.withLock { state in
            state.created += 1
            return state.created
        }
        return FailingFile(file: try system.create(path, size: size), fileSystem: self, segment: number)
    }
    func syncDirectory(_ path: String) throws(LogError) { try system.syncDirectory(path) }
    func remove(_ path: String) throws(LogError) { try system.remove(path) }
    func rename(_ path: String, to newPath: String) throws(LogError) { try system.rename(path, to: newPath) }
    func size(_ path: String) throws(LogError) -> Int { try system.size(path) }
    func lock(_ path: String) throws(LogError) -> any AnyObject & Sendable { try system.lock(path) }
}

private final class FailingFile: LogFile {
    let file: any LogFile
    let fileSystem: FailingFileSystem
    let segment: Int
    let syncs = Atomic(0)

    init(file: any LogFile, fileSystem: FailingFileSystem, segment: Int) {
        self.file = file
        self.fileSystem = fileSystem
        self.segment = segment
    }

    func size() throws(LogError) -> Int { try file.size() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogError) -> Int {
        try file.read(into: buffer, at: offset)
    }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogError) { try file.write(bytes, at: offset) }
    func sync() throws(LogError) {
        let number = syncs.add(1, ordering: .relaxed).newValue
        try fileSystem.beforeSync(of: segment, number: number)
        try file.sync()
    }
    func allocate(_ size: Int) throws(LogError) { try file.allocate(size) }
    func truncate(to size: Int) throws(LogError) { try file.truncate(to: size) }
}
