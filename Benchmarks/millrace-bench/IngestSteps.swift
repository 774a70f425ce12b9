import JSON

/// What a record cost in each tenth of all records, as they come in.
struct IngestSteps {
    /// One for each tenth that has ended; one for several that ended at once.
    private(set) var done: [JSONValue] = []
    private let records: Int
    private var tenth = 1
    private var before: (records: Int, time: ContinuousClock.Instant, processor: Double)

    init(records: Int, at begin: ContinuousClock.Instant) {
        self.records = records
        before = (0, begin, 0)
    }

    /// Ends a tenth when so many records have.
    ///
    /// - Parameter processor: gives the seconds that all processes have taken of a processor until now.
    mutating func note(_ ended: Int, at time: ContinuousClock.Instant, processor: () throws -> Double) rethrows {
        guard tenth <= 10, ended >= max(1, records * tenth / 10) else { return }
        let taken = try processor()
        let count = Double(ended - before.records)
        done.append([
            "records": .integer(Int64(ended)),
            "records_per_second": (count / (time - before.time).seconds).rounded2,
            "processor_microseconds": ((taken - before.processor) * 1e6 / count).rounded2,
        ])
        before = (ended, time, taken)
        tenth = ended * 10 / records + 1
    }
}
