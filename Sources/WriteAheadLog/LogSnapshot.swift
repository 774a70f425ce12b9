import Glibc

/// A file of records beside the segments that says what everything up to a position has come to, so that the segments before it
/// can go. It has the form of a segment; its batches count its own records from 1, and the position in its name and header is the
/// one that it is good to.
enum LogSnapshot {
    static let suffix = ".snapshot"
    static let unfinished = ".snapshot.new"

    static func path(_ position: UInt64, in directory: String, suffix: String = suffix) -> String {
        "\(directory)/\(SegmentFormat.fileName(firstPosition: position, suffix: suffix))"
    }

    /// The newest one of those names; 0 where there is none.
    static func newest(of names: [String]) -> UInt64 {
        names.compactMap { SegmentFormat.firstPosition(ofFile: $0, suffix: suffix) }.max() ?? 0
    }

    /// Calls `body` with each record that can be read, and returns what can't.
    static func read(
        _ path: String, position: UInt64, fileSystem: any LogFileSystem, _ body: (LogRecord) throws -> Void
    ) throws -> [RecoveryReport.Fault] {
        let file = try fileSystem.open(path, writable: false)
        var faults: [RecoveryReport.Fault] = []
        func name(_ offset: Int, _ what: String) { faults.append(.init(file: path, offset: offset, what: what)) }
        let size = try file.size()
        let header: SegmentHeader
        switch try SegmentHeader.read(file, firstBatch: 1) {
        case .unknownVersion(let version): throw SegmentHeader.unknown(version, path)
        case .broken:
            name(0, SegmentHeader.damage)
            return faults
        case .rebuilt(let rebuilt):
            name(0, SegmentHeader.damage)
            header = rebuilt
        case .whole(let whole, let damagedCopy):
            header = whole
            if let damagedCopy { name(damagedCopy, SegmentHeader.damageOfCopy) }
        }
        if header.allocated > 0, header.firstPosition != position || header.allocated != size {
            name(0, "its header says position \(header.firstPosition) and \(header.allocated) bytes, it has \(size)")
        }
        var scanner = SegmentScanner(file, header, limit: size)
        var expected: UInt64 = 1
        while true {
            switch try scanner.next() {
            case .batch(let batch, let offset, let records):
                if batch.firstPosition != expected { name(offset, "records are missing") }
                expected = batch.lastPosition + 1
                try LogRecord.forEach(in: records, of: batch, body)
            case .fault(let damage, let next):
                name(damage.offset, damage.description)
                expected = next.firstPosition
            case .end(let damage):
                if damage.what != nil { name(damage.offset, damage.description) }
                return faults
            }
        }
    }
}

/// Takes a snapshot's records.
public struct SnapshotWriter {
    private let file: any LogFile
    private let salt: UInt32
    private var batch = LogBatch()
    private var next: UInt64 = 1
    private var end = SegmentFormat.headerLength

    /// Bytes of records in a batch; fewer for tests, which damage one of several.
    package var batchBytes = 1 << 20

    init(_ file: any LogFile, salt: UInt32) { (self.file, self.salt) = (file, salt) }

    /// Adds a record whose bytes `body` appends to the end of the array that it is given.
    public mutating func append(kind: UInt8, _ body: (inout [UInt8]) -> Void) throws(LogError) {
        batch.append(kind: kind, body)
        if batch.length >= batchBytes { try flush() }
    }

    private mutating func flush() throws(LogError) {
        guard !batch.isEmpty else { return }
        var finished = batch.finished()
        batch = LogBatch(capacity: batchBytes)
        finished.header.firstPosition = next
        finished.header.milliseconds = WallClock.milliseconds
        finished.seal(durable: 0, salt: salt)
        try file.write(finished.bytes, at: end)
        end += finished.bytes.count
        next += UInt64(finished.header.count)
    }

    /// Writes the header and makes the file durable; returns its bytes.
    consuming func finish(position: UInt64) throws(LogError) -> Int {
        try flush()
        let header = SegmentHeader(
            firstPosition: position, milliseconds: WallClock.milliseconds, salt: salt, allocated: end)
        try file.write(header.encoded, at: 0)
        try file.sync()
        return end
    }
}

extension WriteAheadLog {
    /// Writes a snapshot, which lets everything up to `position` be trimmed once it is durable; the one before goes.
    ///
    /// - Parameters:
    ///   - position: what the records of the snapshot are good to; durable.
    ///   - body: appends them.
    public func writeSnapshot(
        at position: UInt64, _ body: (inout SnapshotWriter) throws -> Void
    ) throws {
        trimming.lock()
        defer { trimming.unlock() }
        if let trimmingFailure { throw trimmingFailure }
        let before = snapshot.position
        guard position > before, position <= readable else { return }
        // What a power loss takes back must not be in it.
        try waitUntilSynced(position)
        let unfinished = LogSnapshot.path(position, in: directory, suffix: LogSnapshot.unfinished)
        let path = LogSnapshot.path(position, in: directory)
        for name in try fileSystem.list(directory) where name.hasSuffix(LogSnapshot.unfinished) {
            try fileSystem.remove("\(directory)/\(name)")
        }
        var writer = SnapshotWriter(try fileSystem.create(unfinished, size: 0), salt: salt())
        try body(&writer)
        let bytes = try writer.finish(position: position)
        try fileSystem.rename(unfinished, to: path)
        try syncDirectoryForTrimming()
        lock.lock()
        snapshot = (position, bytes)
        lock.unlock()
        tellOfRoom()
        // Only now: nothing was without a snapshot meanwhile. One that comes back after a power loss is older, and not read.
        for name in try fileSystem.list(directory) {
            if let old = SegmentFormat.firstPosition(ofFile: name, suffix: LogSnapshot.suffix), old < position {
                try fileSystem.remove("\(directory)/\(name)")
            }
        }
    }

    /// Calls `body` with each record of the newest snapshot that can be read, and returns what can't.
    public func readSnapshot(_ body: (LogRecord) throws -> Void) throws -> [RecoveryReport.Fault] {
        let position = snapshotPosition
        guard position > 0 else { return [] }
        return try LogSnapshot.read(
            LogSnapshot.path(position, in: directory), position: position, fileSystem: fileSystem, body)
    }

    /// The position that the newest snapshot is good to; 0 where there is none.
    public var snapshotPosition: UInt64 {
        lock.lock()
        defer { lock.unlock() }
        return snapshot.position
    }

    /// With `trimming` held.
    func syncDirectoryForTrimming() throws(LogError) {
        do throws(LogError) {
            try fileSystem.syncDirectory(directory)
        } catch {
            // The kernel may forget this change and keep the next one, which would leave a gap.
            trimmingFailure = error
            throw error
        }
    }
}
