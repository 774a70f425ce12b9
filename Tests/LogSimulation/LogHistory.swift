import TestSupport
import WriteAheadLog

/// A random life of a log on a disk that fails, loses power and rots, and what must hold all along.
///
/// The seed decides everything; the same seed gives the same history and the same violation.
public struct LogHistory {
    /// The seed.
    public let seed: UInt64
    /// What happened, for people.
    public private(set) var story: [String] = []
    private let system: SimulatedFileSystem
    private let fileSystem: any LogFileSystem
    private var random: SeededGenerator
    private var options = LogOptions()
    private var log: WriteAheadLog?
    private var reader: LogReader?
    private var model = LogModel()
    private var synced: UInt64 = 0
    private var batchNumber = 0
    private var isRotting: Bool
    private var hasStrayFiles: Bool { failureRate != nil || hasRestarted }
    private var hasRestarted = false
    private let failureRate: UInt64?

    /// A history that is yet to run.
    ///
    /// - Parameter wrap: puts a file system between the log and the simulated one, to see whether its faults are found.
    public init(seed: UInt64, wrap: (SimulatedFileSystem) -> any LogFileSystem = { $0 }) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        system = SimulatedFileSystem(seed: random.next())
        fileSystem = wrap(system)
        options.segmentSize = [4300, 6000, 9000, 20_000][random.pick(0...3)]
        if random.oneIn(6) { options.sync = .interval(.seconds(1)) }
        if random.oneIn(3) { options.compression = .zstd }
        if random.oneIn(3) { options.maximumSize = options.segmentSize * random.pick(4...8) }
        // With an interval, what is acknowledged and not yet synced has no later batch that proves it, so a flipped bit may make
        // it pass for a torn end; docs/log.md.
        isRotting = random.oneIn(4) && options.sync == .always
        failureRate = random.oneIn(2) ? UInt64(random.pick(8...60)) : nil
    }

    /// Lives through it.
    public mutating func run() throws(Violation) {
        try open()
        for _ in 0..<random.pick(10...60) {
            switch random.pick(0...19) {
            case 0...5: try append()
            case 6...10: try step()
            case 11, 12: try read()
            case 13: try checkAll()
            case 14: try trim()
            case 15: try crashInTheMidst()
            case 16: try restart(losingPower: true)
            case 17: try restart(losingPower: false)
            case 18: try closeAndOpen()
            default: changeCapacity()
            }
        }
        try finish()
    }

    private mutating func tell(_ what: String) { story.append(what) }

    // MARK: What happens

    private mutating func append() throws(Violation) {
        guard let log else { return }
        for _ in 0..<random.pick(1...6) {
            var batch = LogBatch()
            var records: [[UInt8]] = []
            batchNumber += 1
            for number in 0..<random.pick(1...4) {
                var record = Array("\(batchNumber).\(number).".utf8)
                let length = random.oneIn(8) ? random.pick(0...6000) : random.pick(0...300)
                // What zstd makes shorter, some of it by much, and what it does not.
                let letters = options.compression == .none || random.oneIn(3) ? 255 : random.pick(1...8)
                for _ in 0..<length { record.append(UInt8(random.pick(1...letters))) }
                batch.append(kind: 1, record)
                records.append(record)
            }
            let before = log.statistics.last
            // A log that has stopped, or has its maximum size, takes nothing.
            guard let positions = try? log.enqueue(batch) else { return }
            try model.add(.init(first: positions.lowerBound, records: records), lastBefore: before)
        }
    }

    private mutating func step() throws(Violation) {
        guard let log else { return }
        let sync = options.sync == .always || random.oneIn(2)
        system.failureRate = failureRate
        let outcome = log.step(sync: sync)
        system.failureRate = nil
        let durable = log.statistics.durable
        model.acknowledge(durable)
        if options.sync == .always || (sync && outcome == .done) { synced = max(synced, durable) }
        tell("step: \(outcome), durable to \(durable)")
        if outcome == .done { try checkSize(log) }
        if outcome == .failed { try restart(losingPower: random.oneIn(2)) }
    }

    /// All files together have no more than the maximum size, but for what a file that was given up, or that a power loss brought
    /// back, takes beside.
    private func checkSize(_ log: WriteAheadLog) throws(Violation) {
        guard let maximum = options.maximumSize, !hasStrayFiles else { return }
        guard system.used <= maximum else {
            throw Violation("the files have \(system.used) bytes where \(maximum) are the maximum")
        }
    }

    private mutating func read() throws(Violation) {
        guard var reader else { return }
        for _ in 0..<random.pick(1...5) { guard try next(&reader) != nil else { break } }
        self.reader = reader
    }

    /// Reads a batch and checks it; nil at the end.
    private mutating func next(_ reader: inout LogReader) throws(Violation) -> UInt64? {
        let from = reader.position
        var first: UInt64?
        var records: [[UInt8]] = []
        var positions: [UInt64] = []
        do {
            guard
                try reader.nextBatch({ record in
                    if first == nil { first = record.position }
                    positions.append(record.position)
                    records.append(Array(record.bytes))
                })
            else { return nil }
        } catch {
            throw Violation("reading from \(from) failed: \(error)")
        }
        guard let first, first >= from, positions == Array(first..<first + UInt64(positions.count)) else {
            throw Violation("reading from \(from) gave positions \(positions)")
        }
        try model.see(.init(first: first, records: records))
        return first
    }

    private mutating func checkAll() throws(Violation) {
        guard let log else { return }
        try checkSnapshot(log)
        // What was torn before anybody had seen it is no loss, even if rot behind it brings later batches to light.
        let promised = max(model.acknowledged, model.seen)
        var reader = LogReader(log, from: 1)
        let first = log.first
        var found: Set<UInt64> = []
        while let batch = try next(&reader) { found.insert(batch) }
        let faults = (reader.faults + log.recovery.faults).map { (Self.name($0.file), $0.offset) }
        try model.compare(
            found, first: first, durable: log.readable, promised: promised, faults: faults, unreadable: unreadable)
    }

    /// Positions of segments that can't be read: neither copy of their header is whole, and nor is the first batch, which would
    /// show what the header said.
    private var unreadable: [Range<UInt64>] {
        let names = system.disk.names.keys.filter { $0.hasSuffix(".segment") }.sorted()
        return names.enumerated().compactMap { place, name in
            let offsets = model.flips.filter { $0.file == name }.map(\.offset)
            guard [0..<64, 4096..<4160, 4160..<Int.max].allSatisfy({ offsets.contains(where: $0.contains) }) else {
                return nil
            }
            let next = place + 1 < names.count ? UInt64(names[place + 1].prefix(20)) : nil
            return (UInt64(name.prefix(20)) ?? 0)..<(next ?? .max)
        }
    }

    /// What is trimmed is in the snapshot, and that is whole, but for what a flipped bit takes, which is named.
    private func checkSnapshot(_ log: WriteAheadLog) throws(Violation) {
        let position = log.snapshotPosition
        guard log.first <= position + 1 || log.statistics.segments == 0 else {
            throw Violation("the log begins at \(log.first), its snapshot is good to \(position)")
        }
        var records: [[UInt8]] = []
        let faults: [RecoveryReport.Fault]
        do { faults = try log.readSnapshot { records.append(Array($0.bytes)) } } catch {
            throw Violation("the snapshot can't be read: \(error)")
        }
        let wanted = position == 0 ? [] : (1...Self.snapshotRecords).map { Self.snapshotRecord($0, position) }
        let newest = system.disk.names.keys.filter { $0.hasSuffix(".snapshot") }.max()
        let flips = model.snapshotFlips.filter { $0.file == newest }.map(\.offset)
        try model.compareSnapshot(records, with: wanted, flips: flips, faults: faults.map(\.offset))
        if !faults.isEmpty { try checkVerification(names: faults) }
    }

    /// Whoever verifies the log is told of the snapshot's damage as well.
    private func checkVerification(names faults: [RecoveryReport.Fault]) throws(Violation) {
        guard let verification = try? LogVerification(directory: "log", fileSystem: fileSystem) else {
            throw Violation("the log can't be verified")
        }
        for fault in faults
        where !verification.faults.contains(where: { $0.file == fault.file && $0.offset == fault.offset }) {
            throw Violation("verification does not name \(fault)")
        }
    }

    private static let snapshotRecords = 5

    private static func snapshotRecord(_ number: Int, _ position: UInt64) -> [UInt8] {
        Array("\(number). of what all up to \(position) comes to".utf8)
    }

    private mutating func trim() throws(Violation) {
        guard let log, let reader, model.flips.isEmpty else { return }
        let below = random.oneIn(2) ? reader.position : UInt64(random.pick(1...Int(reader.position)))
        system.failureRate = failureRate
        do {
            let position = min(synced, log.readable)
            try log.writeSnapshot(at: position) { writer in
                // Each is a batch, since a flipped bit takes one.
                writer.batchBytes = 1
                for number in 1...Self.snapshotRecords {
                    try writer.append(kind: 1) { $0 += Self.snapshotRecord(number, position) }
                }
            }
            _ = try log.trim(below: below)
        } catch { tell("trimming failed: \(error)") }
        system.failureRate = nil
        tell("trimmed below \(below): the log begins at \(log.first)")
        guard log.first <= below || log.segmentList.count <= 1 || below < log.first else {
            throw Violation("trimming below \(below) took the records from there to \(log.first)")
        }
    }

    private mutating func changeCapacity() {
        system.capacity = random.oneIn(2) ? .max : system.used + random.pick(0...20_000)
        tell("the disk has room for \(system.capacity == .max ? "all" : "\(system.capacity - system.used) more bytes")")
    }

    private mutating func crashInTheMidst() throws(Violation) {
        system.callsUntilCrash = random.pick(0...12)
        try append()
        if random.oneIn(4) { try trim() }
        if let log {
            _ = log.step()
            model.acknowledge(log.statistics.durable)
            if options.sync == .always { synced = log.statistics.durable }
        }
        tell("stopped in the midst of a call: \(system.hasCrashed)")
        try restart(losingPower: random.oneIn(2))
    }

    private mutating func restart(losingPower: Bool) throws(Violation) {
        hasRestarted = true
        system.restart(losingPower: losingPower)
        forgetUnwritten()
        tell(losingPower ? "power lost" : "killed")
        if losingPower { model.loseUnsynced(synced) }
        try rot()
        try open()
    }

    /// The process is gone. With an interval, what had to be written again because the disk failed or was full goes with it.
    private mutating func forgetUnwritten() {
        if let log, options.sync != .always { model.loseUnsynced(max(synced, log.readable)) }
        log = nil
    }

    private mutating func closeAndOpen() throws(Violation) {
        guard let log else { return }
        _ = log.step()
        log.end()
        model.acknowledge(log.statistics.durable)
        if log.statistics.state == .closed { synced = log.statistics.durable }
        forgetUnwritten()
        system.restart(losingPower: false)
        tell("closed")
        if random.oneIn(3) {
            system.restart(losingPower: true)
            tell("power lost")
            model.loseUnsynced(synced)
        }
        try rot()
        try open()
    }

    /// Flips a bit of what had been synced, one in three times of a segment's header.
    private mutating func rot() throws(Violation) {
        guard isRotting, random.oneIn(2) else { return }
        if random.oneIn(3) { try rotSnapshot() }
        guard model.flips.count < 3, !random.oneIn(3) else { return }
        let names = system.disk.names.keys.sorted().filter { $0.hasSuffix(".segment") }
        guard !names.isEmpty else { return }
        let name = names[random.pick(0...names.count - 1)]
        guard let bytes = system.disk.contents[name], let last = bytes.lastIndex(where: { $0 != 0 }) else { return }
        let offset =
            random.oneIn(3) ? random.pick(0...63) + (random.oneIn(2) ? 4096 : 0) : random.pick(0...last)
        guard !system.disk.isDoubtful(name, offset) else { return }
        system.disk.flipBit(of: name, at: offset, bit: random.pick(0...7))
        model.flips.append((name, offset))
        tell("a bit of \(name) flips at \(offset)")
    }

    /// Flips a bit of the newest snapshot, one in three times of its header.
    private mutating func rotSnapshot() throws(Violation) {
        guard model.snapshotFlips.count < 3,
            let name = system.disk.names.keys.filter({ $0.hasSuffix(".snapshot") }).max(),
            let bytes = system.disk.contents[name], !bytes.isEmpty
        else { return }
        let offset =
            random.oneIn(3) ? random.pick(0...63) + (random.oneIn(2) ? 4096 : 0) : random.pick(0...bytes.count - 1)
        guard !system.disk.isDoubtful(name, offset),
            !model.snapshotFlips.contains(where: { $0.file == name && $0.offset == offset })
        else { return }
        system.disk.flipBit(of: name, at: offset, bit: random.pick(0...7))
        model.snapshotFlips.append((name, offset))
        tell("a bit of \(name) flips at \(offset)")
    }

    /// Opens the log, perhaps with crashes and failures on the way, and once more to see that nothing changes then.
    private mutating func open() throws(Violation) {
        reader = nil
        for _ in 0..<random.pick(0...2) {
            system.callsUntilCrash = random.oneIn(2) ? random.pick(0...15) : nil
            system.failureRate = failureRate
            if let opened = try? WriteAheadLog(
                stepped: "log", options: options, fileSystem: fileSystem, salt: Self.salt)
            {
                // Whoever reads now must not see later that it is gone. Behind damage positions are passed over.
                let durable =
                    !opened.recovery.faults.isEmpty ? 0 : min(opened.statistics.durable, model.batches.last?.last ?? 0)
                model.acknowledge(durable)
                synced = max(synced, durable)
            }
            system.failureRate = nil
            let losesPower = random.oneIn(2)
            tell("opening was cut short, \(losesPower ? "power lost" : "killed")")
            system.restart(losingPower: losesPower)
            if losesPower { model.loseUnsynced(synced) }
        }
        let (first, _) = try openOnce()
        // Space that came back is made use of, which is no change that matters here.
        system.capacity = .max
        system.restart(losingPower: random.oneIn(2))
        let (second, _) = try openOnce()
        guard second == first else { throw Violation("opened twice, the log ends at \(first), then at \(second)") }
        let before = system.disk.contents
        system.restart(losingPower: false)
        let (third, opened) = try openOnce()
        guard third == first else { throw Violation("opened again, the log ends at \(third), before at \(first)") }
        let after = system.disk.contents
        for (name, bytes) in before where after[name] != bytes {
            throw Violation(
                "opening a log that was just opened changed \(name) from \(bytes.count) to \(after[name]?.count ?? 0) bytes"
            )
        }
        guard after.count == before.count else { throw Violation("opening a log that was just opened made files") }
        log = opened
        tell("opened, ends at \(first), faults: \(opened.recovery.faults)")
        try model.recover(last: first, promised: options.sync == .always ? model.acknowledged : synced)
        synced = first
        try checkAll()
        let starts = model.batches.map(\.first) + [first + 1]
        reader = LogReader(opened, from: starts[random.pick(0...starts.count - 1)])
    }

    private func openOnce() throws(Violation) -> (UInt64, WriteAheadLog) {
        do throws(LogError) {
            let log = try WriteAheadLog(stepped: "log", options: options, fileSystem: fileSystem, salt: Self.salt)
            return (log.statistics.last, log)
        } catch {
            throw Violation("can't open the log: \(error)")
        }
    }

    private static let salt: @Sendable () -> UInt32 = { 0x5eed_5a17 }

    private mutating func finish() throws(Violation) {
        system.capacity = .max
        try append()
        try step()
        try closeAndOpen()
        try checkAll()
        guard model.flips.isEmpty, model.snapshotFlips.isEmpty else { return }
        guard let verification = try? LogVerification(directory: "log", fileSystem: fileSystem) else {
            throw Violation("the log can't be verified")
        }
        if let fault = verification.faults.first { throw Violation("verification names a fault: \(fault)") }
    }

    private static func name(_ path: String) -> String {
        String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }
}
