import Glibc

/// A log's newest snapshot, and every fault in it; reads all of it and changes nothing.
public struct SnapshotVerification: Sendable, Equatable {
    /// Its path.
    public let path: String
    /// The position that it is good to.
    public let position: UInt64
    /// Its bytes.
    public let bytes: Int
    /// Whole records by their kind.
    public private(set) var records: [UInt8: Int] = [:]
    /// Where it is damaged.
    public private(set) var faults: [RecoveryReport.Fault] = []

    /// Reads the snapshot of the log in `directory`; nil where it has none.
    public init?(directory: String, fileSystem: any LogFileSystem = SystemFileSystem()) throws {
        guard let found = try Self.read(directory, fileSystem) else { return nil }
        self = found
    }

    private init(path: String, position: UInt64, fileSystem: any LogFileSystem) throws {
        (self.path, self.position) = (path, position)
        bytes = try fileSystem.size(path)
        var records: [UInt8: Int] = [:]
        faults = try LogSnapshot.read(path, position: position, fileSystem: fileSystem) { record in
            records[record.kind, default: 0] += 1
        }
        self.records = records
    }

    private static func read(_ directory: String, _ fileSystem: any LogFileSystem) throws -> Self? {
        while true {
            let position = LogSnapshot.newest(of: try fileSystem.list(directory))
            guard position > 0 else { return nil }
            do {
                return try Self(
                    path: LogSnapshot.path(position, in: directory), position: position, fileSystem: fileSystem)
            } catch let error as LogError where error.code == .system(ENOENT) {
                // A daemon has put a newer one in its place.
                continue
            }
        }
    }

    /// Names what is neither in the snapshot nor in the segments, the first of which begins at `first`.
    static func gap(before first: UInt64, _ snapshot: SnapshotVerification?, in directory: String) -> RecoveryReport
        .Fault?
    {
        let known = snapshot?.position ?? 0
        guard first > known + 1 else { return nil }
        return .init(
            file: directory, offset: 0,
            what: "positions \(known + 1) to \(first - 1) are in no segment"
                + (known > 0 ? ", nor in the snapshot" : ""))
    }
}
