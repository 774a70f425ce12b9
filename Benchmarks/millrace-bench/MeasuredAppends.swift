import WriteAheadLog

/// Synced appends of several writers, each of which waits for one before the next.
struct MeasuredAppends {
    private(set) var count = 0
    private(set) var syncs = 0
    /// Records that a reader took while others were written.
    private(set) var readMeanwhile = 0
    private var seconds = 1.0
    private var latencies: [Double] = []

    /// Appends a second.
    var rate: Double { Double(count) / seconds }

    /// Milliseconds that a share of the appends took at the most.
    func percentile(_ share: Double) -> Double {
        let sorted = latencies.sorted()
        guard let last = sorted.indices.last else { return 0 }
        return sorted[Int((Double(last) * share).rounded())] * 1000
    }

    /// Appends the records in turn, one in a batch, to a new log. Where it is `followed`, a reader takes everything at the
    /// same time, as a sink does.
    init(
        of records: [[UInt8]], writers: Int, seconds: Double, directory: String, options: LogOptions = LogOptions(),
        followed: Bool = false
    ) async throws {
        let log = try WriteAheadLog(directory: directory, options: options)
        defer { log.close() }
        let clock = ContinuousClock()
        let begin = clock.now
        let end = begin + .seconds(seconds)
        async let read = followed ? Self.follow(log, until: end) : 0
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
        count = latencies.count
        syncs = log.statistics.syncs
        readMeanwhile = try await read
        guard followed else { return }
        var rest = LogReader(log, from: UInt64(readMeanwhile) + 1)
        let all = try readMeanwhile + Self.count(&rest)
        guard all == count else { throw BenchmarkError("\(all) of \(count) records were read") }
    }

    /// Reads what has become durable, a thousand times a second at the most.
    private static func follow(_ log: WriteAheadLog, until end: ContinuousClock.Instant) async throws -> Int {
        var reader = LogReader(log, from: 1)
        var records = 0
        while ContinuousClock.now < end {
            records += try count(&reader)
            try await Task.sleep(for: .milliseconds(1))
        }
        return records
    }

    /// Reads all that is durable by now.
    private static func count(_ reader: inout LogReader) throws -> Int {
        var records = 0
        while try reader.nextBatch({ _ in records += 1 }) {}
        return records
    }
}
