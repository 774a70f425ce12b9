import Glibc

/// The operating system's file system.
public struct SystemFileSystem: LogFileSystem {
    /// The one that the daemon uses.
    public init() {}

    /// Names of the files in the directory; fails when it can't be read.
    public func list(_ directory: String) throws(LogError) -> [String] {
        guard let stream = opendir(directory) else { throw .system(errno, "can't read \(directory)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Makes the directory, only for its owner, and makes its entry durable; one that is there is left as it is.
    public func makeDirectory(_ path: String) throws(LogError) {
        if mkdir(path, 0o700) == 0 {
            let end = path.lastIndex(of: "/") ?? path.startIndex
            let parent = end == path.startIndex ? (path.hasPrefix("/") ? "/" : ".") : String(path[..<end])
            return try syncDirectory(parent)
        }
        guard errno == EEXIST else { throw .system(errno, "can't make the directory \(path)") }
    }

    /// Opens an existing file.
    public func open(_ path: String, writable: Bool) throws(LogError) -> any LogFile {
        let descriptor = Glibc.open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, "can't open \(path)") }
        return SystemFile(descriptor: descriptor, path: path)
    }

    /// Makes a new file and allocates its space, so that later writes change no metadata.
    public func create(_ path: String, size: Int) throws(LogError) -> any LogFile {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(errno, "can't make \(path)") }
        let file = SystemFile(descriptor: descriptor, path: path)
        do { try file.allocate(size) } catch {
            unlink(path)
            throw error
        }
        return file
    }

    /// Makes the directory's entries durable with fsync.
    public func syncDirectory(_ path: String) throws(LogError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, "can't open the directory \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(errno, "can't sync the directory \(path)") }
    }

    /// Removes a file; durable only after its directory is synced.
    public func remove(_ path: String) throws(LogError) {
        guard unlink(path) == 0 else { throw .system(errno, "can't remove \(path)") }
    }

    /// Gives a file another name in one step; durable only after its directory is synced.
    public func rename(_ path: String, to newPath: String) throws(LogError) {
        guard Glibc.rename(path, newPath) == 0 else { throw .system(errno, "can't rename \(path)") }
    }

    /// Bytes in a file.
    public func size(_ path: String) throws(LogError) -> Int {
        var information = stat()
        guard stat(path, &information) == 0 else { throw .system(errno, "can't look at \(path)") }
        return Int(information.st_size)
    }

    /// Takes the log by flock(2), which ends with the process however it ends.
    public func lock(_ path: String) throws(LogError) -> any AnyObject & Sendable {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(errno, "can't open \(path)") }
        let file = SystemFile(descriptor: descriptor, path: path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw LogError(
                .inUse, "\(path) is locked: the log is in use by another process",
                remedy: "stop the other daemon, or give this one a state directory of its own")
        }
        return file
    }
}

/// A file descriptor that closes itself.
private final class SystemFile: LogFile {
    let descriptor: Int32
    let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func size() throws(LogError) -> Int {
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw .system(errno, "can't look at \(path)") }
        return Int(information.st_size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(errno, "can't read \(path) at \(offset + done)")
            }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw .system(errno, "can't write \(path) at \(offset + done)")
            }
            done += count
        }
    }

    func sync() throws(LogError) {
        guard fdatasync(descriptor) == 0 else { throw .system(errno, "can't sync \(path)") }
    }

    func allocate(_ size: Int) throws(LogError) {
        let failure = posix_fallocate(descriptor, 0, off_t(size))
        // Where the file system can't set space aside, the file grows as it is written.
        guard failure == 0 || failure == EOPNOTSUPP || failure == EINVAL else {
            throw .system(failure, "can't set aside \(size) bytes for \(path)")
        }
    }

    func truncate(to size: Int) throws(LogError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .system(errno, "can't cut \(path)") }
    }
}
