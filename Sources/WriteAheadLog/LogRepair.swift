import Glibc

/// Makes a damaged log whole again: keeps every whole batch at its position, and puts an empty record of the kind
/// ``lostKind`` where a position's record can't be read any more.
///
/// Nothing is destroyed: a segment that is written anew stays as it was in a directory beside. Each step leaves a log that
/// can be opened, also when the machine stops in the middle of it.
public struct LogRepair: Sendable {
    /// The kind of a record that stands for a lost one; it has no bytes, and readers pass over it.
    public static let lostKind: UInt8 = 0

    /// A segment that was written anew.
    public struct Segment: Sendable {
        /// Its path.
        public let path: String
        /// Where it is as it was before.
        public let setAside: String
        /// Why it was not whole.
        public internal(set) var faults: [RecoveryReport.Fault]
        /// Records that were kept.
        public internal(set) var kept = 0
        /// Positions whose records are lost.
        public internal(set) var lost = 0
    }

    /// What was written anew; empty for a log without faults.
    public private(set) var segments: [Segment] = []
    /// The directory with what was there before; nil for a log without faults.
    public private(set) var setAside: String?

    private let directory: String
    private let fileSystem = SystemFileSystem()

    /// Repairs the log in `directory`.
    ///
    /// - Parameter progress: called now and then with the bytes that are behind and those that there are.
    /// - Throws: ``LogError`` with code `inUse` while a daemon has the log open; the log is then as it was.
    public init(directory: String, progress: (Int, Int) -> Void = { _, _ in }) throws(LogError) {
        self.directory = directory
        let lock = try WriteAheadLog.lockDirectory(directory)
        defer { close(lock) }
        for name in try fileSystem.list(directory) where name.hasSuffix(Self.unfinished) {
            try fileSystem.remove("\(directory)/\(name)")
        }
        try bringBack()
        var faults: [[RecoveryReport.Fault]] = []
        var walk = try LogWalk(directory: directory)
        faults = walk.segments.map { _ in [] }
        walking: while true {
            switch try walk.next() {
            case .batch: progress(walk.bytesRead, walk.bytesTotal)
            case .fault(let fault, let segment): faults[segment].append(fault)
            case .end: break walking
            }
        }
        for (place, segment) in walk.segments.enumerated() where !faults[place].isEmpty {
            let next = place + 1 < walk.segments.count ? walk.segments[place + 1].firstPosition : nil
            try rewrite(segment, before: next, faults[place])
        }
    }

    private static let unfinished = ".repairing"

    /// What a daemon set aside for its header takes its place again, where that is free, to be repaired there.
    private func bringBack() throws(LogError) {
        let ending = ".damaged"
        let names = Set(try fileSystem.list(directory))
        for name in names.sorted() where name.hasSuffix(".segment" + ending) {
            let original = String(name.dropLast(ending.utf8.count))
            guard !names.contains(original) else { continue }
            try fileSystem.rename("\(directory)/\(name)", to: "\(directory)/\(original)")
        }
        try fileSystem.syncDirectory(directory)
    }

    private mutating func rewrite(
        _ old: LogWalk.SegmentFile, before next: UInt64?, _ faults: [RecoveryReport.Fault]
    ) throws(LogError) {
        let kept = try placeForOld()
        let name = SegmentFormat.fileName(firstPosition: old.firstPosition)
        var report = Segment(path: old.path, setAside: "\(kept)/\(name)", faults: faults)
        let path = old.path + Self.unfinished
        let source = try fileSystem.open(old.path, writable: false)
        let target = try fileSystem.create(path, size: 0)
        var writer = Writer(target: target, expected: old.firstPosition, milliseconds: old.begun ?? 0)
        try writer.write(SegmentFormat.header(firstPosition: old.firstPosition, milliseconds: old.begun ?? 0))
        var scanner = SegmentScanner(source, limit: old.size)
        scan: while true {
            switch try scanner.next() {
            case .batch(let header, let offset, _):
                if let next, header.firstPosition >= next { break scan }
                // A position that is given already is not given twice.
                guard header.firstPosition >= writer.expected else { continue }
                try writer.fill(upTo: header.firstPosition)
                var bytes = [UInt8](repeating: 0, count: min(header.stride, old.size - offset))
                try Self.read(&bytes, from: source, at: offset)
                bytes += [UInt8](repeating: 0, count: header.stride - bytes.count)
                try writer.write(bytes)
                (writer.expected, writer.milliseconds, writer.durable) = (
                    header.lastPosition + 1, header.milliseconds, max(writer.durable, header.durable)
                )
                report.kept += header.count
            case .fault:
                // The torn end of the newest segment was never acknowledged.
                if next == nil, try scanner.provenDurable() < writer.expected { break scan }
            case .end: break scan
            }
        }
        if let next { try writer.fill(upTo: next) }
        report.lost = writer.lost
        try target.sync()
        // The old file gets its second name before it loses its first.
        guard link(old.path, report.setAside) == 0 else {
            throw .system(errno, "can't keep \(old.path) as \(report.setAside)")
        }
        try fileSystem.syncDirectory(kept)
        try fileSystem.rename(path, to: old.path)
        try fileSystem.syncDirectory(directory)
        segments.append(report)
    }

    private mutating func placeForOld() throws(LogError) -> String {
        if let setAside { return setAside }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let path = "\(directory)/set-aside-\(time.tv_sec)-\(time.tv_nsec / 1_000_000)"
        try fileSystem.makeDirectory(path)
        setAside = path
        return path
    }

    private static func read(_ bytes: inout [UInt8], from file: any LogFile, at offset: Int) throws(LogError) {
        var failure: LogError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(LogError) { _ = try file.read(into: buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Writes batches one behind the other.
    private struct Writer {
        let target: any LogFile
        var expected: UInt64
        var milliseconds: Int64
        var durable: UInt64 = 0
        var lost = 0
        var end = 0

        /// Records in one batch of those that stand for lost ones.
        private static let fillerRecords: UInt64 = 1 << 20
        private static let longestGap: UInt64 = 1 << 32

        init(target: any LogFile, expected: UInt64, milliseconds: Int64) {
            self.target = target
            self.expected = expected
            self.milliseconds = milliseconds
        }

        mutating func write(_ bytes: [UInt8]) throws(LogError) {
            var failure: LogError?
            bytes.withUnsafeBytes { buffer in
                do throws(LogError) { try target.write(buffer, at: end) } catch { failure = error }
            }
            if let failure { throw failure }
            end += bytes.count
        }

        /// Records that stand for those up to `position`.
        mutating func fill(upTo position: UInt64) throws(LogError) {
            guard expected >= position || position - expected <= Self.longestGap else {
                throw LogError(
                    .unknownFormat,
                    "positions \(expected) to \(position - 1) are missing: more than one log can have lost",
                    remedy: "see whether all files in the directory are of this log")
            }
            while expected < position {
                let count = min(position - expected, Self.fillerRecords)
                var batch = LogBatch(capacity: Int(count) * SegmentFormat.recordHeaderLength)
                for _ in 0..<count { batch.append(kind: LogRepair.lostKind, []) }
                let checksum = batch.checksum()
                batch.seal(
                    firstPosition: expected, milliseconds: milliseconds, durable: durable, checksum: checksum)
                try write(batch.bytes)
                expected += count
                lost += Int(count)
            }
        }
    }
}
