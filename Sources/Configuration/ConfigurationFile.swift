import Glibc

/// Reading of files that people name: whole, bounded, and nothing but regular files.
enum ConfigurationFile {
    /// The most bytes of a configuration file.
    static let limit = 1 << 20

    /// Reads a whole file of at most `limit` bytes.
    ///
    /// A pipe or device is refused: it might never end, or make the daemon wait.
    static func read(_ path: String, limit: Int) throws(Problem) -> [UInt8] {
        func problem(_ what: String, _ remedy: String) -> Problem {
            Problem(file: path, line: 0, what: what, remedy: remedy)
        }
        func failure(_ number: Int32) -> Problem {
            let remedy =
                switch number {
                case ENOENT, ENOTDIR: "check the path"
                case EACCES, EPERM: "let the daemon's user read it and pass through the directories above"
                default: "see whether its file system is in order"
                }
            return problem("can't be read: \(String(cString: strerror(number)))", remedy)
        }
        guard !path.holds(0) else { throw problem("is no path", "leave out the NUL in it") }
        // Without O_NONBLOCK opening a pipe waits until somebody writes into it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw problem("is no regular file", "name a file with text") }
        func tooLarge() -> Problem {
            problem("is larger than \(SizeText.format(Int64(limit)))", "make it smaller or split it up")
        }
        guard status.st_size <= limit else { throw tooLarge() }
        // One more, to see the end; what has grown since takes another round.
        let expected = Int(status.st_size)
        var capacity = expected + 1
        while true {
            var fault: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                while count < buffer.count {
                    let read = pread(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count, count)
                    if read < 0, errno == EINTR { continue }
                    if read < 0 { fault = errno }
                    guard read > 0 else { return }
                    count += read
                    // Asked for one more, it gave all that it had.
                    if count == expected { return }
                }
            }
            guard fault == 0 else { throw failure(fault) }
            guard bytes.count <= limit else { throw tooLarge() }
            if bytes.count < capacity { return bytes }
            capacity = min(capacity * 2 + 4096, limit + 1)
        }
    }

    /// The names in a directory that end in `.toml`, sorted; hidden ones are left out.
    static func names(in directory: String) throws(Problem) -> [String] {
        guard !directory.holds(0), let stream = opendir(directory) else {
            throw Problem(
                file: directory, line: 0, what: "can't be read: \(String(cString: strerror(errno)))",
                remedy: "make the directory, or change 'sources' in [daemon]")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// A path that does not depend on where a program runs.
    static func absolute(_ path: String, in directory: String) -> String {
        if path.hasPrefix("/") { return path }
        var (directory, path) = (directory, path)
        // A step up from a named directory is taken here, so that addresses made of the path can be read. From "." and
        // ".." it is left to the system, and so are steps within the path: they may lead through links.
        while path.hasPrefix("../"), !["", ".", "..", "/"].contains(directory), !directory.hasSuffix("/.."),
            isPlainDirectory(directory)
        {
            path.removeFirst(3)
            directory = Self.directory(of: directory)
        }
        let joined =
            directory.isEmpty || directory == "." ? path : directory == "/" ? "/\(path)" : "\(directory)/\(path)"
        if joined.hasPrefix("/") { return joined }
        guard let current = getcwd(nil, 0) else { return joined }
        defer { free(current) }
        return "\(String(cString: current))/\(joined)"
    }

    private static func isPlainDirectory(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// The directory that a file is in; empty for the current one.
    static func directory(of file: String) -> String {
        guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}
