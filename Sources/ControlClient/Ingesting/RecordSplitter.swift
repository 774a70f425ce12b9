import PluginProtocol

/// Cuts a stream of records into pieces that hold whole records only.
public struct RecordSplitter: Sendable {
    /// Whole records, and the number of the first of them.
    public struct Piece: Sendable, Equatable {
        /// Number of the first record, from 1.
        public var firstRecord: Int64
        /// Whole records with their separators.
        public var bytes: [UInt8]

        /// A piece whose first record has the given number, counted from 1.
        public init(firstRecord: Int64, bytes: [UInt8]) {
            self.firstRecord = firstRecord
            self.bytes = bytes
        }
    }

    private let delimiter: UInt8
    private let target: Int
    private let longest: Int
    private var pending: [UInt8] = []
    /// Up to here `pending` has been looked through; it holds whole records up to `complete`.
    private var scanned = 0
    private var complete = 0
    private var records: Int64 = 0
    private var next: Int64 = 1

    /// A splitter for records that end with `framing`'s delimiter.
    ///
    /// - Parameters:
    ///   - target: bytes of a piece; one record may be longer.
    ///   - longest: bytes of one record.
    public init(_ framing: RecordFraming, target: Int = 1 << 20, longest: Int = 64 << 20) {
        delimiter = framing == .nul ? 0 : UInt8(ascii: "\n")
        self.target = target
        self.longest = longest
    }

    /// Whether at least one whole record is waiting.
    public var hasRecords: Bool { complete > 0 }

    /// Takes the next bytes and returns the pieces that are full.
    public mutating func push(_ bytes: UnsafeRawBufferPointer) throws(CommandFailure) -> [Piece] {
        var pieces: [Piece] = []
        pending.append(contentsOf: bytes)
        while let end = pending[scanned...].firstIndex(of: delimiter) {
            if complete > 0, end + 1 > target {
                pieces.append(flushRecords())
                continue
            }
            complete = end + 1
            scanned = complete
            records += 1
        }
        scanned = pending.count
        guard pending.count - complete <= longest else {
            throw CommandFailure(
                .refused, "record \(next + records) is longer than \(longest) bytes",
                remedy: "check that --records names the right framing")
        }
        return pieces
    }

    /// The whole records that wait; empty when there are none.
    public mutating func flushRecords() -> Piece {
        let piece = Piece(firstRecord: next, bytes: Array(pending[..<complete]))
        pending.removeSubrange(..<complete)
        scanned -= complete
        complete = 0
        next += records
        records = 0
        return piece
    }

    /// What is left at the end of the stream, a last record without delimiter included.
    public mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        if pending.count > complete {
            if complete > 0, pending.count > target { pieces.append(flushRecords()) }
            complete = pending.count
            records += 1
        }
        scanned = pending.count
        if complete > 0 { pieces.append(flushRecords()) }
        return pieces
    }
}
