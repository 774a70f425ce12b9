/// The maximum size: who brings more waits until old segments are gone.
///
/// Two segments' worth of it is kept free: what the newest segment sets aside in advance, and one for batches that are taken
/// beyond the maximum because they let others go. What was once taken is always written, so that whoever follows the log,
/// such as an index, is never held up by a log that is full.
extension WriteAheadLog {
    /// One who waits until a batch has room.
    struct Admission {
        var bytes: Int
        var continuation: UnsafeContinuation<Void, any Error>
    }

    /// Sets another maximum size; nil for none.
    public func setMaximumSize(_ bytes: Int?) {
        lock.lock()
        let isNews = maximumSize != bytes
        maximumSize = bytes
        lock.unlock()
        if isNews { tellOfRoom() }
    }

    /// Waits until so many bytes have room; another one may take it before they are handed over.
    ///
    /// - Throws: ``LogError`` with code `stopped` when the log has ended or after ``refuseWaiting()``.
    public func room(for bytes: Int) async throws {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            lock.lock()
            if let failure = failure ?? (isClosing || refusesWaiting ? Self.stopped : nil) {
                lock.unlock()
                continuation.resume(throwing: failure)
            } else if excess(with: bytes) <= 0 {
                lock.unlock()
                continuation.resume()
            } else {
                waitingForSize.append(Admission(bytes: bytes, continuation: continuation))
                lock.unlock()
            }
        }
    }

    /// Bytes that must go before everybody who waits has room, and a segment's worth besides; 0 or less where nobody waits for
    /// anything to go.
    public var excess: Int {
        lock.lock()
        defer { lock.unlock() }
        return excess(with: max(options.segmentSize, waitingForSize.map(\.bytes).max() ?? 0))
    }

    /// Refuses all who wait for space, and from now on whoever would have to: what they brought is not acknowledged. For an end
    /// that is not to wait for space.
    public func refuseWaiting() {
        lock.lock()
        refusesWaiting = true
        let held = waitingForSize
        waitingForSize = []
        var refused: [(Waiter, LogError)] = []
        waiting.removeAll { waiter in
            guard let reason = refusal(of: waiter) else { return false }
            refused.append((waiter, reason))
            return true
        }
        lock.unlock()
        for admission in held { admission.continuation.resume(throwing: Self.stopped) }
        for (waiter, reason) in refused { waiter.continuation.resume(throwing: reason) }
    }

    private static let stopped = LogError(.stopped, "the log takes nothing more")

    // MARK: With the lock held

    /// Throws where a batch of so many bytes has no room.
    func admit(_ bytes: Int) throws(LogError) {
        guard let maximumSize, excess(with: bytes) > 0 else { return }
        guard bytes + 3 * options.segmentSize <= maximumSize else {
            throw LogError(
                .tooLarge, "a batch of \(bytes) bytes in a log that may have \(maximumSize)",
                remedy: "raise its maximum size")
        }
        throw LogError(.maximumSize(bytes), fullReason)
    }

    /// Bytes that must go before so many more have room; 0 or less where they have.
    private func excess(with bytes: Int) -> Int {
        guard let maximumSize else { return 0 }
        return occupied + queuedBytes + takenBytes + bytes + 2 * options.segmentSize - maximumSize
    }

    private var fullReason: String {
        "the log has its maximum size, \(maximumSize ?? 0) bytes; writing resumes when old segments can go"
    }

    /// The state, also where the disk would take more than the maximum allows.
    var stateWithMaximum: LogStatistics.State {
        guard state == .open, maximumSize != nil, !waitingForSize.isEmpty || excess(with: 1) > 0 else { return state }
        return .full(fullReason)
    }

    /// Sums up what is on the disk.
    func measure() {
        if maximumSize != nil { occupied = segments.reduce(snapshot.bytes) { $0 + $1.allocated } }
    }

    /// Takes those who have room, in their order, out of those who wait.
    func takeAdmitted() -> [Admission] {
        var bytes = 0
        let count = waitingForSize.prefix { admission in
            bytes += admission.bytes
            return excess(with: bytes) <= 0
        }.count
        defer { waitingForSize.removeFirst(count) }
        return Array(waitingForSize.prefix(count))
    }

    // MARK: Without it

    /// Lets those go on who have room now.
    func tellOfRoom() {
        lock.lock()
        measure()
        let admitted = takeAdmitted()
        lock.signal()
        lock.unlock()
        for admission in admitted { admission.continuation.resume() }
    }
}
