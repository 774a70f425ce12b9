import WriteAheadLog

/// Synced appends of several writers, each of which waits for one before the next.
struct MeasuredAppends {
    private(set) var count = 0
    private(set) var syncs = 0
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

    /// Appends the records in turn, one in a batch, to a new log.
    init(
        of records: [[UInt8]], writers: Int, seconds: Double, directory: String, options: LogOptions = LogOptions()
    ) async throws {
        let log = try WriteAheadLog(directory: directory, options: options)
        defer { log.close() }
        let clock = ContinuousClock()
        let begin = clock.now
        let end = begin + .seconds(seconds)
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
    }
}
