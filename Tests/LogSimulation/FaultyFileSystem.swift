import WriteAheadLog

/// A file system that breaks one rule, which is what the log would do if it left out the step that the rule is about.
public struct FaultyFileSystem: LogFileSystem {
    /// The rule that is broken.
    public enum Fault: Sendable, CaseIterable {
        /// What is acknowledged was never synced.
        case syncDoesNothing
        /// New files are not made durable with their directory.
        case directorySyncDoesNothing
        /// A sync that failed is tried again on the same file, and believed.
        case failedSyncIsRepeated
        /// The sync of a directory that failed is tried again, and believed.
        case failedDirectorySyncIsRepeated
        /// A sync that failed passes for one that did not.
        case failedSyncIsIgnored
        /// A write that failed passes for one that did not.
        case failedWriteIsIgnored
        /// Removed files come back.
        case removalDoesNothing
        /// A torn tail stays where the next batch will be written.
        case truncationDoesNothing
    }

    let system: SimulatedFileSystem
    let fault: Fault

    /// Breaks `fault`'s rule on top of `system`.
    public init(_ system: SimulatedFileSystem, _ fault: Fault) { (self.system, self.fault) = (system, fault) }

    /// As the file system below.
    public func list(_ directory: String) throws(LogError) -> [String] { try system.list(directory) }
    /// As the file system below.
    public func makeDirectory(_ path: String) throws(LogError) { try system.makeDirectory(path) }
    /// As the file system below.
    public func size(_ path: String) throws(LogError) -> Int { try system.size(path) }
    /// As the file system below.
    public func lock(_ path: String) throws(LogError) -> any AnyObject & Sendable { try system.lock(path) }

    /// As the file system below.
    public func open(_ path: String, writable: Bool) throws(LogError) -> any LogFile {
        FaultyFile(file: try system.open(path, writable: writable), fault: fault)
    }

    /// As the file system below.
    public func create(_ path: String, size: Int) throws(LogError) -> any LogFile {
        FaultyFile(file: try system.create(path, size: size), fault: fault)
    }

    /// As the file system below, but for the rule that is broken.
    public func syncDirectory(_ path: String) throws(LogError) {
        if fault == .directorySyncDoesNothing { return }
        do { try system.syncDirectory(path) } catch {
            guard fault == .failedDirectorySyncIsRepeated else { throw error }
            try system.syncDirectory(path)
        }
    }

    /// As the file system below, but for the rule that is broken.
    public func remove(_ path: String) throws(LogError) {
        if fault != .removalDoesNothing { try system.remove(path) }
    }

    /// As the file system below.
    public func rename(_ path: String, to newPath: String) throws(LogError) { try system.rename(path, to: newPath) }

    private struct FaultyFile: LogFile {
        let file: any LogFile
        let fault: Fault

        func size() throws(LogError) -> Int { try file.size() }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogError) -> Int {
            try file.read(into: buffer, at: offset)
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogError) {
            do { try file.write(bytes, at: offset) } catch {
                if fault != .failedWriteIsIgnored || error.code == .stopped { throw error }
            }
        }

        func sync() throws(LogError) {
            if fault == .syncDoesNothing { return }
            do { try file.sync() } catch {
                switch fault {
                case .failedSyncIsRepeated: try file.sync()
                case .failedSyncIsIgnored where error.code != .stopped: return
                default: throw error
                }
            }
        }

        func allocate(_ size: Int) throws(LogError) { try file.allocate(size) }

        func truncate(to size: Int) throws(LogError) {
            if fault != .truncationDoesNothing { try file.truncate(to: size) }
        }
    }
}
