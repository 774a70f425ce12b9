import Glibc
import WriteAheadLog

/// Appends to a log as fast as it takes it and says on standard output what was acknowledged, so that a test can pull the
/// disk away underneath and look afterwards whether all of that is still there.
///
///     soak-log-writer DIRECTORY WRITERS SEGMENT_BYTES FIRST_SEQUENCE
///
/// With 0 writers the log is only opened, which recovers it, and closed. Lines of the output:
///
///     opened LAST_POSITION TORN_BYTES FAULTS
///     acknowledged FIRST_POSITION RECORDS WRITER SEQUENCE NANOSECONDS   (of CLOCK_MONOTONIC)
///     state STATE                               (when it changes: open, or full or failed with the reason)
///     stopped REASON
@main
enum LogWriter {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let writers = Int(arguments[2]), let segmentBytes = Int(arguments[3]),
            let sequence = Int(arguments[4])
        else {
            say("usage: soak-log-writer DIRECTORY WRITERS SEGMENT_BYTES FIRST_SEQUENCE")
            exit(2)
        }
        do {
            var options = LogOptions()
            options.segmentSize = segmentBytes
            let log = try WriteAheadLog(directory: arguments[1], options: options)
            for fault in log.recovery.faults { say("fault \(fault)") }
            say("opened \(log.statistics.last) \(log.recovery.tornBytes) \(log.recovery.faults.count)")
            guard writers > 0 else { return log.close() }
            try await write(to: log, writers: writers, from: sequence)
        } catch {
            say("stopped \(error)")
            exit(1)
        }
    }

    private static func write(to log: WriteAheadLog, writers: Int, from sequence: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var sequence = sequence
                    while true {
                        let count = 1 + (writer + sequence) % 5
                        let positions = try await log.append(batch(writer: writer, sequence: sequence, count: count))
                        say("acknowledged \(positions.lowerBound) \(count) \(writer) \(sequence) \(monotonic())")
                        sequence += 1
                    }
                }
            }
            group.addTask {
                var last = LogStatistics.State.open
                while true {
                    try await Task.sleep(for: .milliseconds(1))
                    let state = log.statistics.state
                    if state != last { say("state \(state)") }
                    last = state
                }
            }
            try await group.next()
        }
    }

    /// Records whose every byte the checker can work out from writer, sequence and place.
    private static func batch(writer: Int, sequence: Int, count: Int) -> LogBatch {
        var batch = LogBatch()
        for place in 0..<count {
            let length = (writer * 31 + sequence * 17 + place * 977) % 3000
            let filler = UInt8(33 + (writer * 7 + sequence * 13 + place) % 90)
            let head = Array("\(writer) \(sequence) \(place) \(count) ".utf8)
            batch.append(kind: 200, head + [UInt8](repeating: filler, count: length))
        }
        return batch
    }

    private static func monotonic() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// One line in one write, so that none is torn in the pipe.
    private static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = Glibc.write(1, line, line.count)
    }
}
