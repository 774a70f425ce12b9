import Glibc
import JSON
import PluginProtocol

/// One open fetch job.
public final class Job: @unchecked Sendable {
    // What changes is guarded by `mutex`; `condition` says that something did.
    /// The source's name.
    public let source: String
    /// The source's settings.
    public let settings: JSONValue
    /// What the source's earlier jobs have committed.
    public let state: [String: JSONValue]
    /// Bytes that one item may have.
    public let maximumItemSize: Int
    /// Becomes readable when the job is cancelled, for those who wait in poll(2).
    public let cancelDescriptor: Int32

    let number: Int64
    private let window: Int
    private let output: FrameOutput
    private let cancelWriter: Int32
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var lastItem: Int64 = 0
    private var unacknowledged: [(item: Int64, bytes: Int)] = []
    private var outstanding = 0
    private var cancelled = false

    init(_ request: FetchRequest, output: FrameOutput) {
        number = request.job
        source = request.source
        settings = request.settings
        state = request.state
        window = request.window
        maximumItemSize = request.maximumItemSize
        self.output = output
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        (cancelDescriptor, cancelWriter) = (ends[0], ends[1])
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(condition)
        mutex.deallocate()
        condition.deallocate()
        close(cancelDescriptor)
        close(cancelWriter)
    }

    /// Whether the core has asked for the end.
    public var isCancelled: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return cancelled
    }

    /// Sends an item; waits while the window is used up, which is how the log's speed becomes the fetcher's.
    public func emit(
        _ description: ItemDescription, body: [UInt8], state: [String: JSONValue] = [:]
    ) throws(JobCancelled) {
        let item = try reserve(bytes: body.count)
        output.send(
            .item(FetchedItem(job: number, item: item, description: description, state: state)), body: body)
    }

    /// Reports something that can't be taken; it becomes a dead letter.
    public func reject(uri: String, reason: String, state: [String: JSONValue] = [:]) throws(JobCancelled) {
        let item = try reserve(bytes: 0)
        output.send(.rejected(RejectedItem(job: number, item: item, uri: uri, reason: reason, state: state)))
    }

    /// Says that nothing more is there for now; the job stays open.
    public func watching() { output.send(.watching(job: number)) }

    /// Writes a line to the daemon's log.
    public func log(_ level: LogLevel, _ message: String) {
        output.send(.log(level: level, message: message, job: number))
    }

    /// Waits until everything that was sent is durable.
    public func drain() throws(JobCancelled) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !unacknowledged.isEmpty {
            if cancelled { throw JobCancelled() }
            pthread_cond_wait(condition, mutex)
        }
    }

    private func reserve(bytes: Int) throws(JobCancelled) -> Int64 {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !cancelled, outstanding > 0, outstanding + bytes > window { pthread_cond_wait(condition, mutex) }
        if cancelled { throw JobCancelled() }
        lastItem += 1
        outstanding += bytes
        unacknowledged.append((lastItem, bytes))
        return lastItem
    }

    func acknowledge(_ item: Int64) {
        pthread_mutex_lock(mutex)
        var count = 0
        while count < unacknowledged.count, unacknowledged[count].item <= item {
            outstanding -= unacknowledged[count].bytes
            count += 1
        }
        unacknowledged.removeFirst(count)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func cancel() {
        pthread_mutex_lock(mutex)
        cancelled = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
        _ = write(cancelWriter, [1] as [UInt8], 1)
    }
}
