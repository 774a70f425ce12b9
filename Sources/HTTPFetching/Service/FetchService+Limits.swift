import Glibc

extension FetchService {
    /// How much the process does at a time.
    public struct Limits: Sendable {
        /// Transfers on their way, over all jobs.
        public var transfers = 4096
        /// Bytes of bodies in memory; what comes beyond that goes to the disk.
        public var bodies = 64 << 20
        /// Bytes of bodies on the disk from which only one transfer goes on.
        public var spilledBodies = 4 << 30
        /// Where bodies are that there is no room for in memory.
        public var spillDirectory = "/var/tmp"
        /// Milliseconds without a frame after which a job that works says so; a third of its source's `timeout` where that is less.
        public var heartbeat: UInt64 = 30_000
        /// Milliseconds that a job waits for a host that wants to be left alone; for longer it is put off.
        public var patience: UInt64 = 60_000

        /// The limits that the program has where nothing is short.
        public init() {}

        /// The limits of a program.
        /// - Parameters:
        ///   - descriptors: how many files and connections it may have open.
        ///   - temporaryDirectory: where it is to put what is temporary; nil: where it belongs.
        public init(descriptors: Int, temporaryDirectory: String?) {
            // A connection for each, as many that are kept for the next ones, and some for names, archives and hubs.
            transfers = max(16, min(transfers, (descriptors - 768) / 2))
            if let temporaryDirectory, !temporaryDirectory.isEmpty {
                spillDirectory = temporaryDirectory
            } else if access(spillDirectory, W_OK) != 0 {
                spillDirectory = "/tmp"
            }
        }
    }
}
