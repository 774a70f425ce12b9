/// How the index is.
struct IndexHealth: Sendable {
    /// Up to this log position it is on disk.
    var position: UInt64 = 0
    /// Records that the last opening had to read from the log.
    var replayed = 0
    /// Why it is being made anew, while it is.
    var fault: String?
    /// Whether that is for want of room on the disk.
    var isFull = false
}
