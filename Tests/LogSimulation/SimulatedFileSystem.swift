import Glibc
import TestSupport
import WriteAheadLog

/// A file system in memory that loses what was not synced, and fails when its seed says so.
///
/// It is used by one thread, and whatever it does follows from its seed and the calls it gets.
public final class SimulatedFileSystem: LogFileSystem, @unchecked Sendable {
    /// The calls that may fail.
    public enum Call: Sendable, CaseIterable {
        case list, open, create, write, sync, allocate, truncate, syncDirectory, remove, rename, read, size
    }

    var disk = SimulatedDisk()
    var random: SeededGenerator
    /// One call of so many fails; nil for none.
    public var failureRate: UInt64?
    /// Calls left until the machine stops in the midst of one; nil for never.
    public var callsUntilCrash: Int?
    /// Bytes that fit.
    public var capacity = Int.max
    /// Calls that have failed.
    public private(set) var failures = 0
    /// Whether the machine has stopped: every call fails until ``restart(losingPower:)``.
    public private(set) var hasCrashed = false
    /// Handles and locks of a process that is gone are worth nothing.
    private var process = 0
    private var isLocked = false

    /// An empty directory.
    public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// The process ends. When power is lost, too, what was in doubt is settled.
    public func restart(losingPower: Bool) {
        process += 1
        hasCrashed = false
        callsUntilCrash = nil
        isLocked = false
        if losingPower { disk.losePower(&random) }
    }

    // MARK: Failures

    /// Counts a call; throws where it is to fail.
    private func attempt(_ call: Call, _ path: String) throws(LogError) {
        if let left = callsUntilCrash {
            callsUntilCrash = left - 1
            if left <= 0 { hasCrashed = true }
        }
        guard !hasCrashed else { throw LogError(.stopped, "the machine has stopped") }
        guard let failureRate, random.oneIn(failureRate) else { return }
        failures += 1
        let number = (call == .write || call == .allocate || call == .create) && random.oneIn(2) ? ENOSPC : EIO
        throw LogError(.system(number), "\(call) of \(path) failed by plan")
    }

    private func name(_ path: String) -> String {
        String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }

    private func number(_ path: String) throws(LogError) -> Int {
        guard let number = disk.names[name(path)] else { throw LogError(.system(ENOENT), "\(path) is not there") }
        return number
    }

    var used: Int { disk.names.values.reduce(0) { $0 + (disk.files[$1]?.cache.count ?? 0) } }

    // MARK: LogFileSystem

    /// Names of the files.
    public func list(_ directory: String) throws(LogError) -> [String] {
        try attempt(.list, directory)
        return Array(disk.names.keys)
    }

    /// Does nothing: there is one directory, and it is there.
    public func makeDirectory(_ path: String) throws(LogError) {}

    /// Opens a file.
    public func open(_ path: String, writable: Bool) throws(LogError) -> any LogFile {
        try attempt(.open, path)
        return SimulatedFile(self, try number(path), path)
    }

    /// Makes a new file of `size` zeros.
    public func create(_ path: String, size: Int) throws(LogError) -> any LogFile {
        try attempt(.create, path)
        guard disk.names[name(path)] == nil else { throw LogError(.system(EEXIST), "\(path) is there") }
        let file = SimulatedFile(self, disk.create(name(path)), path)
        do { try file.allocate(size) } catch {
            if !hasCrashed { disk.unlink(name(path)) }
            throw error
        }
        return file
    }

    /// Makes the changes of the directory that are in doubt durable.
    public func syncDirectory(_ path: String) throws(LogError) {
        do { try attempt(.syncDirectory, path) } catch {
            if !hasCrashed { disk.failDirectorySync(&random) }
            throw error
        }
        disk.syncDirectory()
    }

    /// Removes a file; in doubt until the directory is synced.
    public func remove(_ path: String) throws(LogError) {
        try attempt(.remove, path)
        _ = try number(path)
        disk.unlink(name(path))
    }

    /// Gives a file another name; in doubt until the directory is synced.
    public func rename(_ path: String, to newPath: String) throws(LogError) {
        try attempt(.rename, path)
        _ = try number(path)
        disk.rename(name(path), to: name(newPath))
    }

    /// Bytes in a file.
    public func size(_ path: String) throws(LogError) -> Int {
        try attempt(.size, path)
        return disk.files[try number(path)]?.cache.count ?? 0
    }

    /// Takes the log for the process that lives until the next restart.
    public func lock(_ path: String) throws(LogError) -> any AnyObject & Sendable {
        guard !isLocked else { throw LogError(.inUse, "\(path) is locked") }
        isLocked = true
        return Lock(self, process)
    }

    private final class Lock: Sendable {
        let system: SimulatedFileSystem
        let process: Int
        init(_ system: SimulatedFileSystem, _ process: Int) { (self.system, self.process) = (system, process) }
        deinit { if system.process == process { system.isLocked = false } }
    }

    private final class SimulatedFile: LogFile {
        let system: SimulatedFileSystem
        let number: Int
        let path: String
        let process: Int

        init(_ system: SimulatedFileSystem, _ number: Int, _ path: String) {
            (self.system, self.number, self.path, process) = (system, number, path, system.process)
        }

        private func attempt(_ call: Call) throws(LogError) {
            guard process == system.process else { throw LogError(.stopped, "\(path): its process has ended") }
            try system.attempt(call, path)
        }

        /// Throws where the file can't have this size.
        private func reserve(_ size: Int) throws(LogError) {
            let growth = size - cache.count
            guard growth <= 0 || system.used + growth <= system.capacity else {
                throw LogError(.system(ENOSPC), "\(path): the disk is full")
            }
        }

        private var cache: [UInt8] { system.disk.files[number]?.cache ?? [] }

        func size() throws(LogError) -> Int {
            try attempt(.size)
            return cache.count
        }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogError) -> Int {
            try attempt(.read)
            return cache.withUnsafeBytes { bytes in
                guard offset < bytes.count else { return 0 }
                let count = min(buffer.count, bytes.count - offset)
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
                return count
            }
        }

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogError) {
            do { try attempt(.write) } catch {
                // A part of it may have been written; the kernel copies page by page.
                let sectors = (offset + system.random.pick(0...bytes.count)) / SimulatedDisk.sector
                let count = max(sectors * SimulatedDisk.sector - offset, 0)
                if process == system.process {
                    system.disk.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: number, at: offset)
                }
                throw error
            }
            try reserve(offset + bytes.count)
            system.disk.write(bytes, to: number, at: offset)
        }

        func sync() throws(LogError) {
            do { try attempt(.sync) } catch {
                if !system.hasCrashed, process == system.process { system.disk.failSync(number, &system.random) }
                throw error
            }
            system.disk.sync(number)
        }

        func allocate(_ size: Int) throws(LogError) {
            let old = cache.count
            do { try attempt(.allocate) } catch {
                // It may have come half the way.
                if size > old, process == system.process {
                    system.disk.resize(number, to: system.random.pick(old...size))
                }
                throw error
            }
            try reserve(size)
            if size > old { system.disk.resize(number, to: size) }
        }

        func truncate(to size: Int) throws(LogError) {
            try attempt(.truncate)
            system.disk.resize(number, to: size)
        }
    }
}
