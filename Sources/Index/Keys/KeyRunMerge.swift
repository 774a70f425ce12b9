import Glibc
import SQLite
import Synchronization

/// Makes one run of several, on a thread of its own: with ten million documents that takes seconds.
final class KeyRunMerge {
    /// What is merged, from the oldest on.
    let inputs: [KeyRun]
    private let work: Work
    private var thread = pthread_t()
    private var isJoined = false

    /// What both threads see.
    private final class Work: Sendable {
        let inputs: [KeyRun]
        let path: String
        let number: UInt64
        let isCancelled = Atomic(false)
        let outcome = Mutex<Result<KeyRun, SQLiteError>?>(nil)

        init(_ inputs: [KeyRun], _ path: String, _ number: UInt64) {
            (self.inputs, self.path, self.number) = (inputs, path, number)
        }

        func run() {
            let result: Result<KeyRun, SQLiteError>
            do { result = .success(try KeyRunMerge.merge(inputs, path: path, number: number, isCancelled)) } catch {
                result = .failure(error)
            }
            outcome.withLock { $0 = result }
        }
    }

    /// Begins.
    init(_ inputs: [KeyRun], path: String, number: UInt64) {
        self.inputs = inputs
        work = Work(inputs, path, number)
        let argument = Unmanaged.passRetained(work)
        let failure = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        guard failure != 0 else { return }
        isJoined = true
        argument.takeRetainedValue().run()
    }

    /// Waits for the thread, which looks now and then whether it is still wanted.
    deinit {
        work.isCancelled.store(true, ordering: .relaxed)
        if !isJoined { pthread_join(thread, nil) }
    }

    /// The run, once it is whole and durable; nil before.
    func outcome(waiting: Bool) -> Result<KeyRun, SQLiteError>? {
        if waiting, !isJoined {
            pthread_join(thread, nil)
            isJoined = true
        }
        return work.outcome.withLock { $0 }
    }

    private static func merge(
        _ inputs: [KeyRun], path: String, number: UInt64, _ isCancelled: borrowing Atomic<Bool>
    ) throws(SQLiteError) -> KeyRun {
        let writer = try KeyRunWriter(path: path, number: number, capacity: inputs.reduce(0) { $0 + $1.count })
        var cursors = inputs.map { KeyRun.Cursor($0) }
        var heads: [KeyEntry] = []
        for place in cursors.indices { heads.append(try cursors[place].next()) }
        var group = KeyGroup()
        var taken = 0
        while true {
            // They are few.
            var next = 0
            for place in heads.indices.dropFirst() where heads[place] < heads[next] { next = place }
            let entry = heads[next]
            guard entry != .end else { break }
            if entry.key != group.key {
                try group.write(to: writer)
                group.begin(entry)
            } else {
                group.add(entry.position)
            }
            heads[next] = try cursors[next].next()
            taken += 1
            if taken & 0xFFFF == 0, isCancelled.load(ordering: .relaxed) {
                // SQLite's code for what was interrupted.
                throw SQLiteError(code: 9, message: "merging into \(path) was not wanted any more")
            }
        }
        try group.write(to: writer)
        try writer.finish()
        return try KeyRun(path: path, number: number)
    }
}

/// The positions of one key that are kept, of all that come in rising order.
///
/// Begun again in place, and the first position by itself: nearly all keys have one, and copying all of them a moment after
/// one was written makes the processor wait.
private struct KeyGroup {
    /// At first one that no entry has.
    private(set) var key = KeyEntry.end.key
    private var first: UInt64 = 0
    private var positions = InlineArray<8, UInt64>(repeating: 0)
    private var count = 0

    mutating func begin(_ entry: KeyEntry) {
        key = entry.key
        first = entry.position
        count = 1
    }

    mutating func add(_ position: UInt64) {
        guard count < DocumentKey.positionsPerKey || DocumentKey(bits: key).keepsNewest else { return }
        if count == 1 { positions[0] = first }
        positions[count % DocumentKey.positionsPerKey] = position
        count += 1
    }

    func write(to writer: KeyRunWriter) throws(SQLiteError) {
        if count == 1 { return try writer.append(KeyEntry(key: key, position: first)) }
        for place in max(0, count - DocumentKey.positionsPerKey)..<count {
            try writer.append(KeyEntry(key: key, position: positions[place % DocumentKey.positionsPerKey]))
        }
    }
}
