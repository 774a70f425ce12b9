import Glibc

/// A log that acknowledges a batch only once it is on stable storage.
///
/// Appending has two steps, so that whoever must keep an order can: ``enqueue(_:)`` gives positions at once and never waits
/// for the disk, ``durable(_:)`` waits. One thread owns the file; whoever comes while it syncs shares the next sync.
///
///     let positions = try log.enqueue(batch)
///     try await log.durable(positions.upperBound)
///
/// A write or sync that fails is never repeated on the same file, whose pages the kernel may have marked clean: what was
/// not yet durable is written again to a fresh segment. docs/log.md has the format and what is promised when.
public final class WriteAheadLog: @unchecked Sendable {
    // Everything mutable is guarded by `lock`, but for the writer thread's own `file` work on the active segment.
    private let lock = Condition()
    private let directory: String
    private let options: LogOptions
    private let fileSystem: any LogFileSystem
    private var directoryLock: Int32

    private var segments: [Segment]
    private var queue: [LogBatch] = []
    private var queuedBytes = 0
    private var nextPosition: UInt64
    private var durablePosition: UInt64
    private var waiting: [(position: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    private var waitingForRoom: [CheckedContinuation<Void, Never>] = []
    private var observers: [Int: @Sendable (UInt64) -> Void] = [:]
    private var nextObserver = 0
    private var state = LogStatistics.State.open
    private var failure: LogError?
    private var isClosing = false
    private var hasEnded = false
    private var syncs = 0

    /// What opening found.
    public let recovery: RecoveryReport

    /// Opens the log in `directory`, making it where it is missing.
    ///
    /// - Throws: ``LogError`` with code `inUse` while another process has it open.
    public init(
        directory: String, options: LogOptions = LogOptions(), fileSystem: any LogFileSystem = SystemFileSystem()
    ) throws(LogError) {
        self.directory = directory
        self.options = options
        self.fileSystem = fileSystem
        try fileSystem.makeDirectory(directory)
        directoryLock = fileSystem is SystemFileSystem ? try Self.lockDirectory(directory) : -1
        let recovered = try RecoveredLog(directory: directory, fileSystem: fileSystem, repair: true)
        segments = recovered.segments
        nextPosition = recovered.nextPosition
        durablePosition = recovered.nextPosition - 1
        recovery = recovered.report
        if let last = segments.indices.last {
            do throws(LogError) { try segments[last].file.allocate(options.segmentSize) } catch  where error.isFull {
                // The writer will ask again, and wait for space.
            }
        }
        startThread { [self] in writeUntilClosed() }
    }

    deinit {
        if directoryLock >= 0 { Glibc.close(directoryLock) }
    }

    static func lockDirectory(_ directory: String) throws(LogError) -> Int32 {
        let path = "\(directory)/lock"
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(errno, "can't open \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(descriptor)
            throw LogError(
                .inUse, "the log in \(directory) is in use by another process",
                remedy: "stop the other daemon, or give this one a state directory of its own")
        }
        return descriptor
    }

    // MARK: Writing

    /// Hands a batch over and returns the positions of its records; never waits for the disk.
    public func enqueue(_ batch: consuming LogBatch) throws(LogError) -> ClosedRange<UInt64> {
        guard batch.length <= LogBatch.maximumLength, !batch.isEmpty else {
            throw LogError(
                .tooLarge,
                "a batch of \(batch.length) bytes and \(batch.count) records; 1 to \(LogBatch.maximumLength) bytes are taken"
            )
        }
        let checksum = batch.checksum()
        lock.lock()
        defer { lock.unlock() }
        if let failure { throw failure }
        guard !isClosing else { throw LogError(.stopped, "the log is closed") }
        let first = nextPosition
        batch.seal(
            firstPosition: first, milliseconds: Self.now(), durable: durablePosition, checksum: checksum)
        nextPosition += UInt64(batch.count)
        queuedBytes += batch.bytes.count
        queue.append(batch)
        lock.signal()
        return first...(nextPosition - 1)
    }

    /// Waits until everything up to `position` is on stable storage.
    public func durable(_ position: UInt64) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            lock.lock()
            if durablePosition >= position {
                lock.unlock()
                continuation.resume()
            } else if let failure {
                lock.unlock()
                continuation.resume(throwing: failure)
            } else {
                waiting.append((position, continuation))
                lock.unlock()
            }
        }
    }

    /// Appends a batch and waits until it is durable.
    @discardableResult
    public func append(_ batch: consuming LogBatch) async throws -> ClosedRange<UInt64> {
        let positions = try enqueue(batch)
        try await durable(positions.upperBound)
        return positions
    }

    /// As ``durable(_:)``, for a thread that may block.
    public func waitUntilDurable(_ position: UInt64) throws(LogError) {
        lock.lock()
        defer { lock.unlock() }
        while durablePosition < position {
            if let failure { throw failure }
            lock.waitForBroadcast()
        }
    }

    /// Returns once the bytes that wait for the disk are few enough to add more.
    public func room() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            lock.lock()
            if queuedBytes < options.pendingLimit || failure != nil {
                lock.unlock()
                continuation.resume()
            } else {
                waitingForRoom.append(continuation)
                lock.unlock()
            }
        }
    }

    /// Writes what is queued, seals the newest segment and ends the writer. Call it once no reader is needed any more.
    public func close() {
        lock.lock()
        isClosing = true
        lock.signal()
        while !hasEnded { lock.waitForBroadcast() }
        if directoryLock >= 0 { Glibc.close(directoryLock) }
        directoryLock = -1
        lock.unlock()
    }

    // MARK: Looking

    /// What status shows.
    public var statistics: LogStatistics {
        lock.lock()
        defer { lock.unlock() }
        return LogStatistics(
            state: state, first: segments.first?.firstPosition ?? 1, last: nextPosition - 1, durable: durablePosition,
            bytes: segments.reduce(0) { $0 + $1.end }, segments: segments.count, syncs: syncs, pending: queuedBytes)
    }

    /// Calls `observer` on the writer's thread each time more has become durable, with the last durable position.
    ///
    /// - Returns: a number for ``removeObserver(_:)``.
    public func addObserver(_ observer: @escaping @Sendable (UInt64) -> Void) -> Int {
        lock.lock()
        defer { lock.unlock() }
        nextObserver += 1
        observers[nextObserver] = observer
        return nextObserver
    }

    /// Ends the calls to an observer.
    public func removeObserver(_ number: Int) {
        lock.lock()
        observers[number] = nil
        lock.unlock()
    }

    /// The segment that holds `position` or, where it is missing, the next one; and how far it may be read.
    func segment(for position: UInt64) -> (segment: Segment, next: UInt64?, durable: UInt64)? {
        lock.lock()
        defer { lock.unlock() }
        guard position <= durablePosition else { return nil }
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].firstPosition <= position { low = middle + 1 } else { high = middle }
        }
        let index = max(low - 1, 0)
        guard index < segments.count else { return nil }
        let next = index + 1 < segments.count ? segments[index + 1].firstPosition : nil
        return (segments[index], next, durablePosition)
    }

    // MARK: The writer's thread

    private func writeUntilClosed() {
        var lastSync = ContinuousClock.now
        var isDirty = false
        while true {
            lock.lock()
            while queue.isEmpty && !isClosing {
                if isDirty, case .interval(let interval) = options.sync {
                    let due = lastSync + interval
                    if ContinuousClock.now >= due { break }
                    lock.wait(atMost: due - .now)
                } else {
                    lock.wait()
                }
            }
            let group = queue
            queue = []
            let isLast = isClosing && group.isEmpty
            lock.unlock()
            if isLast { break }
            let mustSync: Bool
            if case .interval(let interval) = options.sync {
                mustSync = ContinuousClock.now - lastSync >= interval
            } else {
                mustSync = true
            }
            guard writeGroup(group, sync: mustSync) else { continue }
            isDirty = !mustSync
            if mustSync { lastSync = .now }
            finish(group)
        }
        endWriter()
    }

    /// Writes a group; returns only when it is written (and synced), or when the log has failed.
    private func writeGroup(_ group: [LogBatch], sync: Bool) -> Bool {
        var useFreshSegment = false
        while true {
            do throws(LogError) {
                try put(group, sync: sync, freshSegment: useFreshSegment)
                setState(.open)
                return true
            } catch {
                if error.isFull {
                    setState(.full(error.description))
                    pauseForSpace()
                    if isStoppedWhileFull() { return fail(error) }
                } else if useFreshSegment {
                    return fail(error)
                }
                useFreshSegment = true
            }
        }
    }

    private func put(_ group: [LogBatch], sync: Bool, freshSegment: Bool) throws(LogError) {
        var mustStart = freshSegment
        var index = 0
        while index < group.count {
            let firstPosition = group[index].bytes.withUnsafeBytes { $0.word(8) }
            let space = segments.last.map { options.segmentSize - $0.end } ?? 0
            if mustStart || segments.isEmpty
                || (group[index].bytes.count > space && (segments.last?.end ?? 0) > SegmentFormat.headerLength)
            {
                if !mustStart, let last = segments.last { try seal(last) }
                try startSegment(at: firstPosition, atLeast: group[index].bytes.count)
                mustStart = false
            }
            // As many batches as fit go out in one write.
            var end = index + 1
            var bytes = group[index].bytes.count
            let room = max(options.segmentSize - (segments.last?.end ?? 0), bytes)
            while end < group.count, bytes + group[end].bytes.count <= room {
                bytes += group[end].bytes.count
                end += 1
            }
            try write(group[index..<end], bytes: bytes)
            index = end
        }
        guard sync, let active = segments.last else { return }
        try active.file.sync()
        lock.lock()
        syncs += 1
        lock.unlock()
    }

    private func write(_ batches: ArraySlice<LogBatch>, bytes: Int) throws(LogError) {
        guard let active = segments.last, let first = batches.first else { return }
        let failure: LogError?
        if batches.count == 1 {
            failure = first.bytes.withUnsafeBytes { Self.write($0, to: active) }
        } else {
            var joined: [UInt8] = []
            joined.reserveCapacity(bytes)
            for batch in batches { joined.append(contentsOf: batch.bytes) }
            failure = joined.withUnsafeBytes { Self.write($0, to: active) }
        }
        if let failure { throw failure }
        lock.lock()
        let last = segments.count - 1
        for batch in batches {
            let position = batch.bytes.withUnsafeBytes { $0.word(8) }
            segments[last].mark(position, at: segments[last].end)
            segments[last].end += batch.bytes.count
        }
        lock.unlock()
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to segment: Segment) -> LogError? {
        do throws(LogError) {
            try segment.file.write(bytes, at: segment.end)
            return nil
        } catch {
            return error
        }
    }

    /// Ends a full segment: what is in it becomes durable before the next one has its first byte.
    private func seal(_ segment: Segment) throws(LogError) {
        try segment.file.truncate(to: segment.end)
        try segment.file.sync()
    }

    private func startSegment(at position: UInt64, atLeast length: Int) throws(LogError) {
        // Segments that failed before any of their batches was acknowledged: the group may have come as far as a segment behind
        // this one, which would hide what is written again here.
        var failed = ["\(directory)/\(SegmentFormat.fileName(firstPosition: position))"]
        lock.lock()
        while let last = segments.last, last.firstPosition >= position {
            if last.firstPosition > position { failed.append(last.path) }
            segments.removeLast()
        }
        lock.unlock()
        for path in failed.reversed() {
            do throws(LogError) { try fileSystem.remove(path) } catch {
                // Why it can't be removed is why the log stops; that it is in the way would say nothing.
                guard error.code == .system(ENOENT) else { throw error }
            }
        }
        let path = failed[0]
        let size = max(options.segmentSize, SegmentFormat.headerLength + length)
        let file = try fileSystem.create(path, size: size)
        let header = SegmentFormat.header(firstPosition: position, milliseconds: Self.now())
        let failure: LogError? = header.withUnsafeBytes { bytes in
            do throws(LogError) {
                try file.write(bytes, at: 0)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
        try file.sync()
        try fileSystem.syncDirectory(directory)
        lock.lock()
        // What the last segment holds from here on was never acknowledged.
        if let last = segments.indices.last { segments[last].marks.removeAll { $0.position >= position } }
        segments.append(Segment(path: path, firstPosition: position, file: file, end: SegmentFormat.headerLength))
        lock.unlock()
    }

    private func finish(_ group: [LogBatch]) {
        lock.lock()
        if let last = group.last {
            last.bytes.withUnsafeBytes { bytes in
                if let header = BatchHeader(bytes) { durablePosition = header.lastPosition }
            }
        }
        queuedBytes -= group.reduce(0) { $0 + $1.bytes.count }
        let position = durablePosition
        var ready: [CheckedContinuation<Void, any Error>] = []
        waiting.removeAll { entry in
            guard entry.position <= position else { return false }
            ready.append(entry.continuation)
            return true
        }
        var roomy: [CheckedContinuation<Void, Never>] = []
        if queuedBytes < options.pendingLimit { swap(&roomy, &waitingForRoom) }
        let observers = observers.values
        lock.broadcast()
        lock.unlock()
        for continuation in ready { continuation.resume() }
        for continuation in roomy { continuation.resume() }
        if !group.isEmpty { for observer in observers { observer(position) } }
    }

    private func fail(_ error: LogError) -> Bool {
        lock.lock()
        failure = error
        state = .failed(error.description)
        queue = []
        let abandoned = waiting
        waiting = []
        let roomy = waitingForRoom
        waitingForRoom = []
        lock.broadcast()
        lock.unlock()
        for entry in abandoned { entry.continuation.resume(throwing: error) }
        for continuation in roomy { continuation.resume() }
        return false
    }

    private func setState(_ new: LogStatistics.State) {
        lock.lock()
        state = new
        lock.unlock()
    }

    private func pauseForSpace() {
        lock.lock()
        if !isClosing { lock.wait(atMost: .seconds(1)) }
        lock.unlock()
    }

    private func isStoppedWhileFull() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        return isClosing
    }

    private func endWriter() {
        if let last = segments.last, failure == nil {
            do throws(LogError) { try seal(last) } catch { _ = fail(error) }
        }
        lock.lock()
        if failure == nil { state = .closed }
        hasEnded = true
        let abandoned = waiting
        waiting = []
        lock.broadcast()
        lock.unlock()
        for entry in abandoned { entry.continuation.resume(throwing: LogError(.stopped, "the log is closed")) }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
