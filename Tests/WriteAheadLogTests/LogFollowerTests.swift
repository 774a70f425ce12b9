import TestSupport
import Testing

@testable import WriteAheadLog

/// A reader that follows: it hears of everything, at once after a quiet time, and seldom while others write.
@Suite struct LogFollowerTests {
    let directory = TemporaryDirectory()

    @Test func whatComesOneByOneIsReadInFewLooks() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        defer { log.close() }
        let pause = Duration.milliseconds(100)
        let follower = LogFollower(log, pause: pause)
        let begin = ContinuousClock.now
        async let looking = look(log, follower, until: 300)
        for number in 1...300 { try await log.append(batch(number)) }
        let (looks, records) = try await looking
        #expect(records == (1...300).map { "record \($0)" })
        // One at the beginning, and one for each pause since.
        #expect(looks <= 2 + Int((ContinuousClock.now - begin) / pause))
    }

    private func look(
        _ log: WriteAheadLog, _ follower: LogFollower, until count: Int
    ) async throws -> (looks: Int, records: [String]) {
        var reader = LogReader(log, from: 1)
        var (looks, records) = (0, [String]())
        while records.count < count, await follower.news() {
            looks += 1
            while try reader.nextBatch({ records.append(String(decoding: $0.bytes, as: UTF8.self)) }) {}
        }
        return (looks, records)
    }

    @Test func afterAQuietTimeNewsComeAtOnce() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        defer { log.close() }
        let follower = LogFollower(log, pause: .seconds(3600))
        async let news = follower.news()
        try await log.append(batch(1))
        #expect(await news)
    }

    @Test func whatComesWhileAReaderReadsIsNewsAgain() async throws {
        let log = try WriteAheadLog(directory: directory.path)
        defer { log.close() }
        let follower = LogFollower(log, pause: .milliseconds(1))
        try await log.append(batch(1))
        #expect(await follower.news())
        try await log.append(batch(2))
        #expect(await follower.news())
        follower.ring()
        #expect(await follower.news())
    }

    @Test(arguments: [true, false]) func whoWaitsIsLetGo(byCancelling: Bool) async throws {
        let log = try WriteAheadLog(directory: directory.path)
        defer { log.close() }
        // While nothing is there, and in the pause behind the first news, which an end lets pass since it is short.
        for isInPause in byCancelling ? [false, true] : [false] {
            let follower = LogFollower(log, pause: .seconds(3600))
            if isInPause {
                follower.ring()
                #expect(await follower.news())
                follower.ring()
            }
            let waiting = Task { await follower.news() }
            try await Task.sleep(for: .milliseconds(20))
            if byCancelling { waiting.cancel() } else { follower.end() }
            #expect(await waiting.value == false)
        }
    }

    @Test func aFollowerThatIsLetGoOfLeavesNothingBehind() throws {
        let log = try WriteAheadLog(directory: directory.path)
        defer { log.close() }
        do { _ = LogFollower(log) }
        #expect(log.observers.isEmpty)
    }
}
