import Glibc

/// What can be known of a log that another process has open.
public enum LogLock {
    /// Whether a process has the log in `directory` open.
    public static func isHeld(directory: String) throws(LogError) -> Bool {
        let path = "\(directory)/lock"
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw .system(errno, "can't open \(path)")
        }
        defer { Glibc.close(descriptor) }
        // Shared, so that two who look do not see each other.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Does something while no other process can open the log in `directory`.
    ///
    /// - Throws: ``LogError`` with code `inUse` while another process has it open.
    public static func whileHeld<Result>(directory: String, _ body: () throws -> Result) throws -> Result {
        let lock = try SystemFileSystem().lock("\(directory)/lock")
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    /// Up to where the newest segment proves that the log was durable: what the writer said when it wrote its last batch.
    public static func provenDurable(directory: String) throws(LogError) -> UInt64 {
        var walk = try LogWalk(directory: directory, besideWriter: true)
        walk.seek(to: .max)
        var durable: UInt64 = walk.segments.last.map { $0.firstPosition - 1 } ?? 0
        while true {
            switch try walk.next() {
            case .batch(let batch): durable = max(durable, batch.durable)
            case .fault: continue
            case .end: return durable
            }
        }
    }
}
