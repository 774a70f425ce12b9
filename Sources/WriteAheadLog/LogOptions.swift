/// How the log keeps its promises.
public struct LogOptions: Sendable, Equatable {
    /// When what was appended counts as durable.
    public enum Sync: Sendable, Equatable {
        /// After it is on stable storage.
        case always
        /// Once it is written; it is synced that often. A power loss may take the last interval.
        case interval(Duration)
    }

    /// When what was appended counts as durable.
    public var sync: Sync = .always
    /// How records stand in the file. A log may hold both.
    public var compression = Compression.none
    /// Bytes of a segment file; a larger batch gets a segment of its own size.
    public var segmentSize = 64 << 20
    /// Bytes that may wait for the disk before `room()` holds writers back.
    public var pendingLimit = 32 << 20

    /// Bytes that all segments and the snapshot may have together on the disk; nil for no limit. See
    /// ``WriteAheadLog/room(for:)``.
    public var maximumSize: Int?

    /// The defaults.
    public init() {}
}

/// What `open` found, and what it did about it.
public struct RecoveryReport: Sendable, Equatable {
    /// A place in a file where there should be whole batches and are none.
    public struct Fault: Sendable, Equatable, CustomStringConvertible {
        /// The segment's path.
        public var file: String
        /// The first bad byte.
        public var offset: Int
        /// What is wrong, in words.
        public var what: String

        /// One line for people.
        public var description: String { "\(file): at byte \(offset): \(what)" }
    }

    /// Bytes cut off behind the last whole batch of the newest segment: written, but never acknowledged.
    public var tornBytes = 0
    /// Damage to what had been acknowledged. It stays in its file; what is whole around it stays readable.
    public var faults: [Fault] = []
}

/// What status shows of the log.
public struct LogStatistics: Sendable, Equatable {
    /// Whether the log takes batches.
    public enum State: Sendable, Equatable {
        case open
        /// No space on the disk, or the maximum size is reached: nothing more is acknowledged, nothing is lost, and writing
        /// resumes by itself.
        case full(String)
        /// It can't be written any more, for the reason given.
        case failed(String)
        case closed
    }

    /// Whether it takes batches.
    public var state: State
    /// The oldest record's position; the next one's in a log that has none.
    public var first: UInt64
    /// The newest record's position, 0 in an empty log.
    public var last: UInt64
    /// Up to here everything is on stable storage.
    public var durable: UInt64
    /// Bytes in use.
    public var bytes: Int
    /// Files.
    public var segments: Int
    /// The position that the snapshot is good to; 0 where there is none.
    public var snapshot: UInt64
    /// Bytes of the snapshot.
    public var snapshotBytes: Int
    /// Syncs since the log was opened.
    public var syncs: Int
    /// Bytes that wait for the disk.
    public var pending: Int
}
