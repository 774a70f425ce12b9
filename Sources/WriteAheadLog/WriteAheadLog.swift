import Threads

/// A log that acknowledges a batch only once it is on stable storage.
///
/// Appending has two steps, so that whoever must keep an order can: ``enqueue(_:)`` gives positions at once and never waits
/// for the disk, ``durable(_:)`` waits. One thread owns the file; whoever comes while it syncs shares the next sync.
///
///     let positions = try log.enqueue(batch)
///     try await log.durable(positions.upperBound)
///
/// docs/log.md has the format and what is promised when.
public final class WriteAheadLog: @unchecked Sendable {
    // Everything mutable is guarded by `lock`, but for `writer`, which is its thread's own.
    let lock = Condition()
    /// Held by the one who trims.
    let trimming = Condition()
    var trimmingFailure: LogError?
    /// What the newest snapshot is good to, and its bytes; 0 where there is none.
    var snapshot: (position: UInt64, bytes: Int)
    /// Gives each file's salt.
    let salt: @Sendable () -> UInt32
    let directory: String
    let options: LogOptions
    private let compressor: BatchCompressor?
    let fileSystem: any LogFileSystem
    private var directoryLock: (any AnyObject & Sendable)?

    var segments: [Segment]
    var queue: [FinishedBatch] = []
    var queuedBytes = 0
    /// Bytes that the writer has taken and not yet written.
    var takenBytes = 0
    var nextPosition: UInt64
    var durablePosition: UInt64
    /// Up to here everything is on stable storage, whatever counts as durable.
    var syncedPosition: UInt64
    /// Whether somebody needs a sync before the interval is over.
    var needsSync = false
    /// Up to here readers find everything.
    package internal(set) var readable: UInt64
    var waiting: [Waiter] = []
    var waitingForRoom: [UnsafeContinuation<Void, Never>] = []
    var waitingForSize: [Admission] = []
    var maximumSize: Int?
    /// Bytes on the disk, of segments and snapshot; measured where there is a maximum.
    var occupied = 0
    /// Whether those who wait for space are refused.
    var refusesWaiting = false
    var observers: [Int: @Sendable () -> Void] = [:]
    private var nextObserver = 0
    var state = LogStatistics.State.open
    var failure: LogError?
    var isClosing = false
    var hasEnded = false
    var syncs = 0
    /// Batches that must be queued before the writer is woken.
    var wakeAt = 1
    /// How many were woken last.
    var acknowledged = 0

    var writer: SegmentWriter

    /// What opening found.
    public let recovery: RecoveryReport

    /// Opens the log in `directory`, making it where it is missing.
    ///
    /// - Throws: ``LogError`` with code `inUse` while another process has it open.
    public convenience init(
        directory: String, options: LogOptions = LogOptions(), fileSystem: any LogFileSystem = SystemFileSystem()
    ) throws(LogError) {
        try self.init(stepped: directory, options: options, fileSystem: fileSystem) { .random(in: 1 ... .max) }
        // The size that the system gives to threads of its own accord, since compressing takes place there.
        if let failure = startDetachedThread(stackSize: 8 << 20, { [self] in writeUntilClosed() }) {
            throw .system(failure, "can't start a thread that writes \(directory)")
        }
    }

    /// Opens a log without a thread: nothing happens but what its owner calls ``step(sync:)`` for. For tests that must
    /// see the same again, the segments' salts among them.
    package init(
        stepped directory: String, options: LogOptions, fileSystem: any LogFileSystem,
        salt: @escaping @Sendable () -> UInt32
    ) throws(LogError) {
        self.directory = directory
        self.options = options
        compressor = options.compression == .zstd ? BatchCompressor() : nil
        self.fileSystem = fileSystem
        self.salt = salt
        try fileSystem.makeDirectory(directory)
        directoryLock = try fileSystem.lock("\(directory)/lock")
        let recovered = try RecoveredLog(directory: directory, fileSystem: fileSystem, for: .writing)
        segments = recovered.segments
        nextPosition = recovered.nextPosition
        durablePosition = recovered.nextPosition - 1
        syncedPosition = recovered.nextPosition - 1
        readable = recovered.nextPosition - 1
        recovery = recovered.report
        snapshot = recovered.snapshot
        maximumSize = options.maximumSize
        writer = SegmentWriter(
            directory: directory, fileSystem: fileSystem, segmentSize: options.segmentSize,
            synced: recovered.nextPosition - 1, active: recovered.active, salt: salt)
        measure()
    }

    // MARK: Writing

    /// Hands a batch over and returns the positions of its records; never waits for the disk.
    ///
    /// - Parameter beyondMaximum: take it also where the maximum size is reached, up to which space for a segment is kept for
    ///   what lets others go, such as how far a sink is.
    /// - Throws: ``LogError`` with code `maximumSize` where there is no room for it; ``room(for:)`` waits for that.
    public func enqueue(
        _ batch: consuming LogBatch, beyondMaximum: Bool = false
    ) throws(LogError) -> ClosedRange<UInt64> {
        let batch = try finish(batch)
        lock.lock()
        defer { lock.unlock() }
        if !beyondMaximum { try admit(batch.footprint(segmentSize: options.segmentSize)) }
        return try add(batch)
    }

    private func finish(_ batch: consuming LogBatch) throws(LogError) -> FinishedBatch {
        guard batch.length <= LogBatch.maximumLength, !batch.isEmpty else {
            throw LogError(
                .tooLarge,
                "a batch of \(batch.length) bytes and \(batch.count) records; 1 to \(LogBatch.maximumLength) bytes are taken"
            )
        }
        return batch.finished(compressor)
    }

    /// With the lock held.
    private func add(_ batch: consuming FinishedBatch) throws(LogError) -> ClosedRange<UInt64> {
        if let failure { throw failure }
        guard !isClosing else { throw LogError(.stopped, "the log is closed") }
        let first = nextPosition
        batch.header.firstPosition = first
        batch.header.milliseconds = WallClock.milliseconds
        nextPosition += UInt64(batch.header.count)
        queuedBytes += batch.footprint(segmentSize: options.segmentSize)
        queue.append(batch)
        if queue.count >= wakeAt { lock.signal() }
        return first...(nextPosition - 1)
    }

    /// One who waits until a position is durable.
    struct Waiter {
        var position: UInt64
        /// Whether to wait no longer once there is no space.
        var unlessFull = false
        var continuation: UnsafeContinuation<Void, any Error>
    }

    /// Waits until everything up to `position` is on stable storage.
    ///
    /// - Parameter unlessFull: throw, with code `full`, while or as soon as there is no space on the disk.
    public func durable(_ position: UInt64, unlessFull: Bool = false) async throws {
        // Each continuation is resumed once: by the writer, by its failure, or by its end. The checked kind allocates.
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            lock.lock()
            wait(Waiter(position: position, unlessFull: unlessFull, continuation: continuation))
        }
    }

    /// Gives the lock back.
    private func wait(_ waiter: Waiter) {
        if durablePosition >= waiter.position {
            lock.unlock()
            waiter.continuation.resume()
        } else if let failure = failure ?? (hasEnded ? LogError(.stopped, "the log is closed") : refusal(of: waiter)) {
            lock.unlock()
            waiter.continuation.resume(throwing: failure)
        } else {
            waiting.append(waiter)
            lock.unlock()
        }
    }

    /// Why one does not wait for space on the disk; nil for the others.
    func refusal(of waiter: Waiter) -> LogError? {
        guard waiter.unlessFull || refusesWaiting, case .full(let reason) = state else { return nil }
        return LogError(.full, reason)
    }

    /// Appends a batch and waits until it is durable.
    @discardableResult
    public func append(_ batch: consuming LogBatch) async throws -> ClosedRange<UInt64> {
        let batch = try finish(batch)
        var positions: ClosedRange<UInt64> = 0...0
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            lock.lock()
            do throws(LogError) {
                try admit(batch.footprint(segmentSize: options.segmentSize))
                positions = try add(batch)
            } catch {
                lock.unlock()
                return continuation.resume(throwing: error)
            }
            wait(Waiter(position: positions.upperBound, continuation: continuation))
        }
        return positions
    }

    /// As ``durable(_:)``, for a thread that may block.
    public func waitUntilDurable(_ position: UInt64) throws(LogError) {
        lock.lock()
        defer { lock.unlock() }
        while durablePosition < position {
            if let failure { throw failure }
            if hasEnded { throw LogError(.stopped, "the log is closed") }
            lock.waitForBroadcast()
        }
    }

    /// Waits until everything up to `position` is on stable storage even where the log syncs at intervals; blocks its thread.
    func waitUntilSynced(_ position: UInt64) throws(LogError) {
        lock.lock()
        defer { lock.unlock() }
        while syncedPosition < position {
            if let failure { throw failure }
            if hasEnded { throw LogError(.stopped, "the log is closed") }
            if case .full(let reason) = state { throw LogError(.full, reason) }
            needsSync = true
            lock.signal()
            lock.waitForBroadcast()
        }
    }

    /// Returns once the bytes that wait for the disk are few enough to add more.
    public func room() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            lock.lock()
            if queuedBytes + takenBytes < options.pendingLimit || failure != nil {
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
        directoryLock = nil
        lock.unlock()
    }

    // MARK: Looking

    /// What status shows.
    public var statistics: LogStatistics {
        lock.lock()
        defer { lock.unlock() }
        return LogStatistics(
            state: stateWithMaximum, first: segments.first?.firstPosition ?? nextPosition, last: nextPosition - 1,
            durable: durablePosition, bytes: segments.reduce(0) { $0 + $1.end }, segments: segments.count,
            snapshot: snapshot.position, snapshotBytes: snapshot.bytes, syncs: syncs, pending: queuedBytes + takenBytes)
    }

    /// The oldest record's position; the next one's in a log that has none.
    public var first: UInt64 {
        lock.lock()
        defer { lock.unlock() }
        return segments.first?.firstPosition ?? nextPosition
    }

    /// Calls `observer` on the writer's thread each time more has become durable.
    ///
    /// - Returns: a number for ``removeObserver(_:)``.
    func addObserver(_ observer: @escaping @Sendable () -> Void) -> Int {
        lock.lock()
        defer { lock.unlock() }
        nextObserver += 1
        observers[nextObserver] = observer
        return nextObserver
    }

    /// Ends the calls to an observer.
    func removeObserver(_ number: Int) {
        lock.lock()
        observers[number] = nil
        lock.unlock()
    }

    /// The segment that holds `position` or, where it is missing, the next one; and how far it may be read.
    func segment(for position: UInt64) -> (segment: Segment, next: UInt64?, durable: UInt64)? {
        lock.lock()
        defer { lock.unlock() }
        guard position <= readable else { return nil }
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].firstPosition <= position { low = middle + 1 } else { high = middle }
        }
        let index = max(low - 1, 0)
        guard index < segments.count else { return nil }
        let next = index + 1 < segments.count ? segments[index + 1].firstPosition : nil
        return (segments[index], next, readable)
    }
}
