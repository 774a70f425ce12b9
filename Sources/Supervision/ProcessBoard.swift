import Document
import Synchronization

/// What status shows of each child process.
public final class ProcessBoard: Sendable {
    /// One child as it stands.
    public struct Entry: Sendable, Equatable {
        /// Its job and number, as in `normalise-1`.
        public var name: String
        /// Where it is in its life.
        public var state: State
        /// Its process id while it runs.
        public var identifier: Int32?
        /// How often it was started again.
        public var restarts: Int
        /// Failures without a success between them.
        public var failuresInARow: Int
        /// How and why it ended the last time.
        public var lastExit: String?
        /// When it came into its present state.
        public var since: Timestamp
    }

    /// Where a child is in its life.
    public enum State: String, Sendable {
        case starting, running, waiting, stopped
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// An empty board.
    public init() {}

    /// All children, by name.
    public var all: [Entry] { entries.withLock { $0.values.sorted { $0.name < $1.name } } }

    /// The child of that name.
    public subscript(name: String) -> Entry? { entries.withLock { $0[name] } }

    func update(_ name: String, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            var entry =
                entries[name]
                ?? Entry(
                    name: name, state: .starting, restarts: 0, failuresInARow: 0, since: .now)
            let before = entry.state
            change(&entry)
            if entry.state != before { entry.since = .now }
            entries[name] = entry
        }
    }

    func remove(_ name: String) { entries.withLock { $0[name] = nil } }
}
