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
        var cursors: [KeyRun.Cursor] = []
        for input in inputs { cursors.append(try KeyRun.Cursor(input)) }
        var group = KeyGroup()
        var taken = 0
        while let next = Self.least(cursors), let entry = cursors[next].current {
            if entry.key != group.key {
                try group.write(to: writer)
                group = KeyGroup(key: entry.key)
            }
            group.add(entry.position)
            try cursors[next].advance()
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

    /// Which of them comes next; they are few.
    private static func least(_ cursors: [KeyRun.Cursor]) -> Int? {
        var least: (place: Int, entry: KeyEntry)?
        for place in cursors.indices {
            guard let entry = cursors[place].current else { continue }
            if let known = least, known.entry < entry { continue }
            least = (place, entry)
        }
        return least?.place
    }
}

/// The positions of one key that are kept, of all that come in rising order.
private struct KeyGroup {
    let key: UInt64
    private var positions = SIMD8<UInt64>()
    private var count = 0

    init(key: UInt64 = 0) { self.key = key }

    mutating func add(_ position: UInt64) {
        guard count < DocumentKey.positionsPerKey || DocumentKey(bits: key).keepsNewest else { return }
        positions[count % DocumentKey.positionsPerKey] = position
        count += 1
    }

    func write(to writer: KeyRunWriter) throws(SQLiteError) {
        for place in max(0, count - DocumentKey.positionsPerKey)..<count {
            try writer.append(KeyEntry(key: key, position: positions[place % DocumentKey.positionsPerKey]))
        }
    }
}
