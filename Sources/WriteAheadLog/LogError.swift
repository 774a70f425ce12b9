import Glibc

/// Why the log can't do what it was asked to.
public struct LogError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a program can act on.
    public enum Code: Sendable, Equatable {
        /// Another process has the log open.
        case inUse
        /// The operating system said no, with its errno.
        case system(Int32)
        /// The file is no segment of this log, or of a version that this program doesn't know.
        case unknownFormat
        /// More bytes in one batch than the log takes.
        case tooLarge
        /// There is no space on the disk.
        case full
        /// The log would have more than its maximum size with so many bytes more.
        case maximumSize(Int)
        /// The log is closed or has failed for good.
        case stopped
    }

    /// What a program can act on.
    public var code: Code
    /// What happened, with the file.
    public var what: String
    /// What a person can do about it.
    public var remedy: String?

    /// An error about a file of the log.
    public init(_ code: Code, _ what: String, remedy: String? = nil) {
        self.code = code
        self.what = what
        self.remedy = remedy
    }

    static func system(_ number: Int32, _ what: String) -> LogError {
        let remedy: String?
        switch number {
        case ENOSPC, EDQUOT: remedy = "free some space; writing resumes by itself"
        case EACCES, EPERM, EROFS: remedy = "let the daemon's user write there"
        case EIO: remedy = "check the disk and the kernel's log"
        default: remedy = nil
        }
        return LogError(.system(number), "\(what): \(String(cString: strerror(number)))", remedy: remedy)
    }

    /// Whether space must be freed first.
    var isFull: Bool { code == .system(ENOSPC) || code == .system(EDQUOT) }

    /// One line for people.
    public var description: String { remedy.map { "\(what); \($0)" } ?? what }
}
