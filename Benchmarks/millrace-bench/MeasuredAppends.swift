import Glibc
import WriteAheadLog

/// Synced appends of several writers, each of which waits for one before the next.
struct MeasuredAppends {
    private(set) var count = 0
    private(set) var syncs = 0
    /// How often a reader looked, and how many records it took, while others were written.
    private(set) var looks = 0
    private(set) var readMeanwhile = 0
    /// Processor time of the looks.
    private var readerSeconds = 0.0
    private var seconds = 1.0
    private var processorSeconds = 0.0
    private var latencies: [Double] = []

    /// Appends a second.
    var rate: Double { Double(count) / seconds }
    /// Processor time of the whole process for one append.
    var processorMicroseconds: Double { processorSeconds / Double(max(count, 1)) * 1e6 }

    /// Processor time of reading one record.
    var readerMicroseconds: Double { readerSeconds / Double(max(readMeanwhile, 1)) * 1e6 }

    /// Milliseconds that a share of the appends took at the most.
    func percentile(_ share: Double) -> Double {
        let sorted = latencies.sorted()
        guard let last = sorted.indices.last else { return 0 }
        return sorted[Int((Double(last) * share).rounded())] * 1000
    }

    /// Appends the records in turn, one in a batch, to a new log. With `pause`, a reader takes everything at the same time, as
    /// a sink does.
    init(
        of records: [[UInt8]], writers: Int, seconds: Double, directory: String, options: LogOptions = LogOptions(),
        followedWith pause: Duration? = nil
    ) async throws {
        let log = try WriteAheadLog(directory: directory, options: options)
        defer { log.close() }
        let clock = ContinuousClock()
        let follower = pause.map { LogFollower(log, pause: $0) }
        let processorBefore = Self.processorSeconds
        let begin = clock.now
        let end = begin + .seconds(seconds)
        async let reading = Self.read(log, follower)
        try await withThrowingTaskGroup(of: [Double].self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var latencies: [Double] = []
                    var now = clock.now
                    var place = writer
                    while now < end {
                        let record = records[place % records.count]
                        place += writers
                        var batch = LogBatch(capacity: record.count + 64)
                        batch.append(kind: 1, record)
                        try await log.append(batch)
                        let after = clock.now
                        latencies.append((after - now).seconds)
                        now = after
                    }
                    return latencies
                }
            }
            for try await latencies in group { self.latencies += latencies }
        }
        self.seconds = (clock.now - begin).seconds
        processorSeconds = Self.processorSeconds - processorBefore
        count = latencies.count
        syncs = log.statistics.syncs
        follower?.end()
        let taken = try await reading
        guard follower != nil else { return }
        (looks, readMeanwhile, readerSeconds) = (taken.looks, taken.records, taken.seconds)
        var rest = LogReader(log, from: UInt64(readMeanwhile) + 1)
        var all = readMeanwhile
        while try rest.nextBatch({ _ in all += 1 }) {}
        guard all == count else { throw BenchmarkError("\(all) of \(count) records were read") }
    }

    /// Takes what has become durable, in pieces as large as a sink's deliveries, until the follower's end.
    private static func read(
        _ log: WriteAheadLog, _ follower: LogFollower?
    ) async throws -> (looks: Int, records: Int, seconds: Double) {
        var (looks, records, seconds) = (0, 0, 0.0)
        guard let follower else { return (0, 0, 0) }
        var reader = LogReader(log, from: 1)
        var delivery: [UInt8] = []
        while await follower.news() {
            looks += 1
            let begin = threadSeconds
            delivery.removeAll(keepingCapacity: true)
            while try reader.nextBatch({ record in
                records += 1
                delivery.append(contentsOf: record.bytes)
                if delivery.count > 4 << 20 { delivery.removeAll(keepingCapacity: true) }
            }) {}
            // Nothing was awaited, so it is the same thread.
            seconds += threadSeconds - begin
        }
        return (looks, records, seconds)
    }

    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static var processorSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
