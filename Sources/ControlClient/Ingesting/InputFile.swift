import Glibc

/// Files and streams that are given as arguments.
enum InputFile {
    static func open(_ path: String) throws(CommandFailure) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        var information = stat()
        if fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw failure(path, EISDIR)
        }
        return descriptor
    }

    static func failure(_ path: String, _ number: Int32) -> CommandFailure {
        let remedy: String? =
            switch number {
            case ENOENT: "check the path"
            case EISDIR: "name the files in it, or configure a source with plugin = \"directory\""
            case EACCES: "let this user read it"
            default: nil
            }
        return CommandFailure(.refused, "\(path): \(String(cString: strerror(number)))", remedy: remedy)
    }

    /// The next bytes, or 0 at the end.
    static func read(_ descriptor: Int32, into buffer: inout [UInt8], name: String) throws(CommandFailure) -> Int {
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw failure(name, errno) }
        }
    }

    static func readAll(_ descriptor: Int32, name: String, limit: Int) throws(CommandFailure) -> [UInt8] {
        var information = stat()
        var bytes: [UInt8] = []
        if fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG {
            guard information.st_size <= limit else { throw tooLarge(name, limit) }
            bytes.reserveCapacity(Int(information.st_size))
        }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = try read(descriptor, into: &buffer, name: name)
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else { throw tooLarge(name, limit) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    private static func tooLarge(_ name: String, _ limit: Int) -> CommandFailure {
        CommandFailure(
            .refused, "\(name) has more than \(limit >> 20) MiB",
            remedy: "records are sent in pieces when --records is lines, nul or json")
    }

    /// Whether something can be read, or the end is reached, within so many milliseconds.
    static func hasInput(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) != 0
    }

    /// The file's place as a URI (RFC 8089).
    static func uri(of path: String) -> String {
        var absolute = path
        if let resolved = realpath(path, nil) {
            absolute = String(cString: resolved)
            free(resolved)
        }
        return "file://" + ControlRequest.encode(absolute, keeping: "/!$&'()*+,;=:@")
    }
}
