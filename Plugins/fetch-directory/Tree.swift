import Glibc
import PluginKit

/// A directory tree that is never left: each name is opened beneath its directory, and no link is followed.
final class Tree {
    let path: String
    private let root: Int32

    /// What is known of a file without reading it.
    struct FileInformation: Equatable {
        var inode: UInt64
        var size: Int
        /// Nanoseconds since 1970.
        var modified: Int64
    }

    init(path: String) throws {
        self.path = path
        root = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else {
            let number = errno
            throw FetchError(
                number == ENOTDIR ? .configuration : .transient,
                "the directory \(path) can't be read: \(String(cString: strerror(number)))",
                remedy: number == ENOENT ? "make it; it is looked for again" : "let the daemon's user read it",
                retryAfter: 5)
        }
    }

    deinit { close(root) }

    /// Whether the path still leads to the directory that was opened.
    var isInPlace: Bool {
        var now = stat()
        var then = stat()
        return lstat("\(path)/.", &now) == 0 && fstat(root, &then) == 0 && now.st_ino == then.st_ino
            && now.st_dev == then.st_dev
    }

    /// Opens what stands at a relative path; -1 with errno when it can't be, or when a link is in the way.
    func open(_ relative: String, _ flags: Int32) -> Int32 {
        var directory = root
        let parts = relative.split(separator: "/")
        guard !parts.isEmpty else { return fcntl(root, F_DUPFD_CLOEXEC, 0) }
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            let next = openat(
                directory, String(part),
                (isLast ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
            let failure = errno
            if directory != root { close(directory) }
            guard next >= 0 else {
                errno = failure
                return -1
            }
            directory = next
        }
        return directory
    }

    /// Looks at an open file; nil when it is no regular one.
    static func information(of descriptor: Int32) -> FileInformation? {
        var result = stat()
        guard fstat(descriptor, &result) == 0, result.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileInformation(
            inode: UInt64(result.st_ino), size: Int(result.st_size),
            modified: Int64(result.st_mtim.tv_sec) * 1_000_000_000 + Int64(result.st_mtim.tv_nsec))
    }

    /// Looks at a file without opening it; nil when it is gone or no regular one.
    func information(of relative: String) -> FileInformation? {
        let descriptor = open(relative, openPathOnly)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return Self.information(of: descriptor)
    }

    /// What a directory holds.
    enum Entry {
        case file(String)
        case directory(String)
    }

    /// Names in a directory, sorted; links, devices and the like are left out.
    func list(_ relative: String) -> [Entry] {
        let descriptor = open(relative, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { return [] }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return []
        }
        defer { closedir(stream) }
        var files: [String] = []
        var directories: [String] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: UInt8.self, capacity: 256) {
                    Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
                }
            }
            // A name that is no UTF-8 can't be written down in a state or a URI and come back the same.
            guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".." else { continue }
            var type = entry.pointee.d_type
            if type == UInt8(DT_UNKNOWN) { type = kind(of: name, in: descriptor) }
            if type == UInt8(DT_REG) { files.append(name) } else if type == UInt8(DT_DIR) { directories.append(name) }
        }
        return directories.sorted().map(Entry.directory) + files.sorted().map(Entry.file)
    }

    private func kind(of name: String, in descriptor: Int32) -> UInt8 {
        var result = stat()
        guard fstatat(descriptor, name, &result, AT_SYMLINK_NOFOLLOW) == 0 else { return UInt8(DT_UNKNOWN) }
        switch result.st_mode & S_IFMT {
        case S_IFREG: return UInt8(DT_REG)
        case S_IFDIR: return UInt8(DT_DIR)
        default: return UInt8(DT_UNKNOWN)
        }
    }
}

/// O_PATH, which Swift's Glibc does not show.
private let openPathOnly: Int32 = 0o10000000

private func strlen(_ start: UnsafePointer<UInt8>) -> Int {
    start.withMemoryRebound(to: CChar.self, capacity: 1) { Glibc.strlen($0) }
}
