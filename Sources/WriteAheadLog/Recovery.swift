import Glibc

/// What a directory of segments holds.
struct RecoveredLog {
    var segments: [Segment] = []
    var nextPosition: UInt64 = 1
    /// What the newest snapshot is good to, and its bytes; 0 where there is none.
    var snapshot: (position: UInt64, bytes: Int) = (0, 0)
    var report = RecoveryReport()
    /// The newest segment where it can be written on; nil where the next batch begins a new one.
    var active: SegmentWriter.ActiveSegment?

    /// Whether positions were left out behind damage.
    private var hasSkipped = false
    private let directory: String
    private let fileSystem: any LogFileSystem

    /// What may be done with what is found.
    enum Purpose {
        /// Cut the torn tail off and make what is left durable, so that the log can be written on.
        case writing
        /// Write nothing.
        case reading
        /// Write nothing; a daemon may be writing to the end of the newest segment.
        case readingBesideWriter
    }

    private let purpose: Purpose

    /// Lists the directory, and reads the newest segment in full: the others were synced before it was begun.
    init(directory: String, fileSystem: any LogFileSystem, for purpose: Purpose) throws(LogError) {
        self.directory = directory
        self.fileSystem = fileSystem
        self.purpose = purpose
        let all = try fileSystem.list(directory)
        var names = all.filter { SegmentFormat.firstPosition(ofFile: $0) != nil }.sorted()
        snapshot.position = LogSnapshot.newest(of: all)
        if snapshot.position > 0 {
            snapshot.bytes = try fileSystem.size(LogSnapshot.path(snapshot.position, in: directory))
        }
        var empty: [String] = []
        while let name = names.popLast() {
            if try recoverNewest(name) { break }
            empty.append(name)
        }
        // A name alone says that everything before it was once there.
        let named = empty.first.flatMap { SegmentFormat.firstPosition(ofFile: $0) } ?? 0
        let isNameNeeded = hasSkipped || segments.isEmpty || named > nextPosition
        // So does a snapshot. Behind positions that are missing another segment begins.
        if nextPosition < max(named, snapshot.position + 1) { active = nil }
        nextPosition = max(nextPosition, named, snapshot.position + 1)
        segments.insert(contentsOf: try older(names), at: 0)
        guard purpose == .writing else { return }
        // Without older segments a name alone knows the position, and so it does behind damage: what is left out now must be
        // left out as well when more of the file rots.
        let name = SegmentFormat.fileName(firstPosition: nextPosition)
        if hasSkipped, !empty.contains(name) { try mark(name) }
        for other in empty where !(isNameNeeded && other == name) { try fileSystem.remove("\(directory)/\(other)") }
        try syncDirectory()
    }

    /// Makes an empty file of a name that is to count as a position.
    private func mark(_ name: String) throws(LogError) {
        do throws(LogError) {
            try fileSystem.create("\(directory)/\(name)", size: 0).sync()
            try fileSystem.syncDirectory(directory)
        } catch {
            guard error.isFull else { throw error }
        }
    }

    /// A file that the process before had removed must not come back beside what is written now.
    private func syncDirectory() throws(LogError) {
        // Where a sync of it failed before, the directory may count as clean, so that only a change makes the next one write.
        let path = "\(directory)/recovering"
        do throws(LogError) { try fileSystem.remove(path) } catch {
            guard error.code == .system(ENOENT) else { throw error }
        }
        do throws(LogError) {
            _ = try fileSystem.create(path, size: 0)
            try fileSystem.remove(path)
        } catch {
            guard error.isFull else { throw error }
        }
        try fileSystem.syncDirectory(directory)
    }

    private func older(_ names: [String]) throws(LogError) -> [Segment] {
        var found: [Segment] = []
        for name in names {
            let path = "\(directory)/\(name)"
            do throws(LogError) {
                let size = try fileSystem.size(path)
                found.append(
                    Segment(
                        path: path, firstPosition: SegmentFormat.firstPosition(ofFile: name) ?? 1, end: size,
                        allocated: size))
            } catch {
                // The daemon may have trimmed it after it was listed.
                guard purpose == .readingBesideWriter, error.code == .system(ENOENT) else { throw error }
            }
        }
        return found
    }

    /// Reads the newest segment; false where it is empty: its header or its first batch was never synced, so nothing in it
    /// was acknowledged, and the one before may have more than was durable when it was begun.
    private mutating func recoverNewest(_ name: String) throws(LogError) -> Bool {
        guard let first = SegmentFormat.firstPosition(ofFile: name) else { return false }
        let path = "\(directory)/\(name)"
        let file = try fileSystem.open(path, writable: purpose == .writing)
        let size = try file.size()
        nextPosition = max(first, 1)
        switch try SegmentHeader.read(file, firstBatch: first) {
        case .unknownVersion(let version): throw SegmentHeader.unknown(version, path)
        case .broken:
            // Batches are written only after the header is durable.
            guard let end = try contentEnd(file, size) else { return false }
            report.faults.append(.init(file: path, offset: 0, what: SegmentHeader.damage))
            // How many positions are left out must be the same at the next start.
            if purpose == .writing { try makeDurable(file, path, 0..<end) }
            segments.append(Segment(path: path, firstPosition: first, end: size, allocated: size))
            skipPositions(bytes: end)
        case .rebuilt(let header):
            report.faults.append(.init(file: path, offset: 0, what: SegmentHeader.damage))
            let segment = Segment(path: path, firstPosition: first, end: header.length, allocated: size)
            return try recover(segment, file, header, size)
        case .whole(let header, let damagedCopy):
            if let damagedCopy {
                guard try contentEnd(file, size) != nil else { return false }
                report.faults.append(.init(file: path, offset: damagedCopy, what: SegmentHeader.damageOfCopy))
            }
            let segment = Segment(
                path: path, firstPosition: first, end: header.length, allocated: max(size, header.allocated))
            return try recover(segment, file, header, size)
        }
        return true
    }

    /// The byte behind the last one of batches that is not zero; nil where there is none.
    private func contentEnd(_ file: any LogFile, _ size: Int) throws(LogError) -> Int? {
        let unknown = SegmentHeader(firstPosition: 0, milliseconds: 0, salt: 0, allocated: 0)
        var scanner = SegmentScanner(file, unknown, limit: size)
        let end = try scanner.endOfContent(from: unknown.length)
        if end > unknown.length { return end }
        // A small segment of version 1 has its batches where there are only zeros in later ones.
        var start = [UInt8](repeating: 0, count: 4)
        guard try file.fill(&start, at: SegmentFormat.headerCopyLength) == start.count,
            start.withUnsafeBytes({ $0.half(0) }) == SegmentFormat.batchMagic
        else { return nil }
        scanner = SegmentScanner(file, unknown, limit: min(size, SegmentFormat.secondCopyOffset))
        return try scanner.endOfContent(from: SegmentFormat.headerCopyLength)
    }

    private mutating func recover(
        _ segment: Segment, _ file: any LogFile, _ header: SegmentHeader, _ size: Int
    ) throws(LogError) -> Bool {
        var segment = segment
        var scanner = SegmentScanner(file, header, limit: size)
        var durable: UInt64 = 0
        // From here on nothing in the file says that it is on stable storage.
        var doubtful = header.length
        var tail: SegmentScanner.Damage?
        var isDamaged = false
        scan: while true {
            switch try scanner.next() {
            case .batch(let batch, let offset, _):
                // Batches that were not proven durable by this one's header begin here.
                if batch.durable > durable { (durable, doubtful) = (batch.durable, offset) }
                segment.mark(batch.firstPosition, at: offset)
                nextPosition = batch.lastPosition + 1
                segment.end = min(offset + batch.stride, size)
            case .fault(let damage, _):
                if try isTornEnd(damage, &scanner) {
                    tail = damage
                    break scan
                }
                addFault(damage, in: segment)
                isDamaged = true
            case .end(let damage):
                if damage.what != nil { tail = damage }
                break scan
            }
        }
        if let tail, try !isTornEnd(tail, &scanner) {
            addFault(tail, in: segment)
            segment.end = tail.end
            // How many positions are left out must be the same at the next start.
            if purpose == .writing { try makeDurable(file, segment.path, doubtful..<segment.end) }
            segment.end = size
            segments.append(segment)
            skipPositions(bytes: tail.end - tail.offset)
        } else {
            if segment.end == header.length {
                // It may stay for its name. What is torn in it now could look like damage once it rots.
                if tail != nil, purpose == .writing { try cut(file, to: segment.end) }
                return false
            }
            if let tail { report.tornBytes += tail.end - tail.offset }
            if isDamaged { segment.allocated = segment.end }
            segments.append(segment)
            guard purpose == .writing else { return true }
            try makeDurable(file, segment.path, doubtful..<segment.end)
            // What is whole behind damage says that the damage is no torn end. Should it rot as well, a cut file still says so.
            if tail != nil || isDamaged { try cut(file, to: segment.end) }
            var canGoOn = !isDamaged && header.version == SegmentFormat.version && header.allocated > segment.end
            if canGoOn, tail != nil || size < header.allocated { canGoOn = try reserve(header.allocated, file) }
            if canGoOn {
                active = SegmentWriter.ActiveSegment(
                    segment: segment, file: file, salt: header.salt, allocated: header.allocated)
            }
        }
        return true
    }

    /// Whether bytes that are no batch are the end of what was being written, and so were never acknowledged.
    ///
    /// A batch that was written after they had been synced proves that they were whole once; those of the same sync prove
    /// nothing.
    private func isTornEnd(_ damage: SegmentScanner.Damage, _ scanner: inout SegmentScanner) throws(LogError) -> Bool {
        guard try scanner.provenDurable() < nextPosition else { return false }
        return purpose == .readingBesideWriter || (damage.isTorn && !scanner.isCut)
    }

    private mutating func addFault(_ damage: SegmentScanner.Damage, in segment: Segment) {
        report.faults.append(.init(file: segment.path, offset: damage.offset, what: damage.description))
    }

    /// Leaves out as many positions as damaged bytes can have held, so that none is used twice.
    private mutating func skipPositions(bytes: Int) {
        nextPosition += UInt64(max(bytes, 0) / SegmentFormat.recordHeaderLength + 1)
        hasSkipped = true
    }

    /// Makes what stands in the newest segment durable before anything is made of it.
    private func makeDurable(_ file: any LogFile, _ path: String, _ range: Range<Int>) throws(LogError) {
        // A sync of the process before may have failed and marked lost pages clean, so they are made dirty again.
        var place = range.lowerBound
        while place < range.upperBound {
            var bytes = [UInt8](repeating: 0, count: min(1 << 20, range.upperBound - place))
            guard try file.fill(&bytes, at: place) == bytes.count else {
                throw .system(EIO, "\(path) ends before its size")
            }
            try file.write(bytes, at: place)
            place += bytes.count
        }
        try file.sync()
    }

    /// Cuts a torn end off. A file that is shorter than what was set aside says that all in it was synced, so the cut must be
    /// durable before the file grows again.
    private func cut(_ file: any LogFile, to size: Int) throws(LogError) {
        try file.truncate(to: size)
        try file.sync()
    }

    /// Sets the segment's space aside again; false where there is none left.
    private func reserve(_ allocated: Int, _ file: any LogFile) throws(LogError) -> Bool {
        do throws(LogError) {
            try file.allocate(allocated)
        } catch {
            if error.isFull { return false }
            throw error
        }
        // Its size must be durable before anything is written that is not.
        try file.sync()
        return true
    }
}
