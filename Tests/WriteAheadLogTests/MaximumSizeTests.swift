import TestSupport
import Testing

@testable import LogSimulation
@testable import WriteAheadLog

/// A log that may have so many bytes and no more.
@Suite struct MaximumSizeTests {
    let directory = TemporaryDirectory()
    private static let salt: @Sendable () -> UInt32 = { 7 }

    private var options: LogOptions {
        var options = LogOptions()
        options.segmentSize = 10_000
        options.maximumSize = 60_000
        return options
    }

    /// Appends until the log takes no more.
    private func fill(_ log: WriteAheadLog, from first: Int = 1) throws -> Int {
        for number in first..<first + 3000 {
            do throws(LogError) { _ = try log.enqueue(batch(number)) } catch {
                guard case .maximumSize = error.code else { throw error }
                return number - first
            }
            _ = log.step()
        }
        return 3000
    }

    @Test func whatIsTakenIsWrittenAndTheRestWaits() async throws {
        let system = SimulatedFileSystem(seed: 1)
        let log = try WriteAheadLog(stepped: "log", options: options, fileSystem: system, salt: Self.salt)
        let taken = try fill(log)
        #expect(taken > 30 && log.statistics.durable == UInt64(taken))
        #expect(log.excess > 0 && system.used <= 60_000)
        // What lets others go is taken all the same.
        _ = try log.enqueue(batch(0), beyondMaximum: true)
        #expect(log.step() == .done && log.statistics.durable == UInt64(taken) + 1)
        let waiter = Task { try await log.room(for: 10_000) }
        while log.waitingForSize.isEmpty { await Task.yield() }
        guard case .full(let reason) = log.statistics.state else { return #expect(Bool(false), "not full") }
        #expect(reason.contains("60000 bytes"))
        try log.writeSnapshot(at: log.readable) { _ in }
        try log.trim(below: log.readable)
        try await waiter.value
        #expect(log.statistics.state == .open)
        #expect(try fill(log, from: 100) > 10)
        #expect(system.used <= 60_000)
    }

    @Test func aHigherMaximumIsInForceAtOnce() async throws {
        let system = SimulatedFileSystem(seed: 1)
        let log = try WriteAheadLog(stepped: "log", options: options, fileSystem: system, salt: Self.salt)
        _ = try fill(log)
        let waiter = Task { try await log.room(for: 200) }
        while log.waitingForSize.isEmpty { await Task.yield() }
        log.setMaximumSize(90_000)
        try await waiter.value
        #expect(log.statistics.state == .open)
        #expect(try fill(log) > 30 && system.used <= 90_000)
        log.setMaximumSize(nil)
        #expect(try fill(log) == 3000)
    }

    @Test func aBatchThatNeverFitsIsRefusedAtOnce() throws {
        let log = try WriteAheadLog(
            stepped: "log", options: options, fileSystem: SimulatedFileSystem(seed: 1), salt: Self.salt)
        var large = LogBatch()
        large.append(kind: 1, [UInt8](repeating: 1, count: 40_000))
        #expect { try log.enqueue(large) } throws: { ($0 as? LogError)?.code == .tooLarge }
    }

    @Test func whoWaitsIsRefusedAtTheEnd() async throws {
        let log = try WriteAheadLog(directory: directory.path, options: options)
        while log.statistics.state == .open {
            do { try await log.append(batch(1)) } catch { break }
        }
        let waiter = Task { try await log.room(for: 200) }
        while log.waitingForSize.isEmpty { await Task.yield() }
        log.refuseWaiting()
        await #expect(throws: LogError.self) { try await waiter.value }
        await #expect(throws: LogError.self) { try await log.room(for: 200) }
        log.close()
        #expect(log.statistics.state == .closed)
    }

    @Test func whoDoesNotWaitForADiskThatIsFullIsTold() async throws {
        let system = SimulatedFileSystem(seed: 1)
        var options = options
        options.maximumSize = nil
        let log = try WriteAheadLog(stepped: "log", options: options, fileSystem: system, salt: Self.salt)
        _ = try log.enqueue(batch(1))
        #expect(log.step() == .done)
        system.capacity = system.used
        var last: UInt64 = 0
        for number in 1...400 { last = try log.enqueue(batch(number)).upperBound }
        #expect(log.step() == .full)
        await #expect(throws: LogError.self) { try await log.durable(last, unlessFull: true) }
        let waiter = Task { try await log.durable(last) }
        while log.waiting.isEmpty { await Task.yield() }
        log.refuseWaiting()
        await #expect(throws: LogError.self) { try await waiter.value }
    }
}
