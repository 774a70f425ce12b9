import Document
import Glibc
import JSON
import PluginKit
import PluginProtocol

/// Appends documents to a file and syncs it before it says yes.
///
/// Each line carries its log position, so after any crash the file itself tells where to go on: nothing is doubled. A file
/// that is put aside is named `PATH.POSITION`, after the last position that was delivered; what is delivered again begins
/// a new file, so that its lower positions do not hide how far the sink had come.
final class JSONLSink: Sink {
    private var path = ""
    private var descriptor: Int32 = -1
    private var size = 0
    private var opened = Timestamp.now
    private var lastPosition: UInt64 = 0
    private var rotateSize: Int?
    private var rotateEvery: Double?
    /// Whether this file holds what was delivered again.
    private var isReplaying = false

    func configure(_ settings: JSONValue) throws -> UInt64? {
        guard let path = settings["path"]?.string else {
            throw SinkError(.configuration, "no path", remedy: "set 'path'")
        }
        self.path = path
        rotateSize = settings["rotate_size"]?.integer.map { Int($0) }
        rotateEvery = settings["rotate_every"]?.number
        try makeParent()
        try open()
        try recover()
        return lastPosition == 0 ? nil : lastPosition
    }

    private func makeParent() throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/").dropLast() {
            made += "/\(part)"
            guard mkdir(made, 0o750) == 0 || errno == EEXIST else { throw failure("can't make the directory \(made)") }
        }
    }

    private func failure(_ what: String) -> SinkError {
        let number = errno
        let remedy = number == ENOSPC ? "free some space" : number == EACCES ? "let the daemon's user write there" : nil
        return SinkError(.transient, "\(what): \(String(cString: strerror(number)))", remedy: remedy)
    }

    private func open() throws {
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw failure("can't open \(path)") }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw failure("can't look at \(path)") }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw SinkError(.configuration, "\(path) is no file", remedy: "name a file")
        }
        size = Int(information.st_size)
        opened = .now
        try syncParent()
    }

    private func syncParent() throws {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = Glibc.open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("can't open \(parent)") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("can't sync \(parent)") }
    }

    /// Cuts off a line that a crash left unfinished, and finds the last document's position.
    private func recover() throws {
        var end = size
        var tail: [UInt8] = []
        var start = end
        // Backwards, until a whole line is in view.
        while start > 0 {
            let count = min(start, 256 << 10)
            start -= count
            var chunk = [UInt8](repeating: 0, count: count)
            guard pread(descriptor, &chunk, count, off_t(start)) == count else { throw failure("can't read \(path)") }
            tail = chunk + tail
            guard let lastFeed = tail.lastIndex(of: 0x0A) else { continue }
            end = start + lastFeed + 1
            let before = tail[..<lastFeed]
            if let previous = before.lastIndex(of: 0x0A) {
                lastPosition = DeliveredLine.position(of: before[(previous + 1)...]) ?? 0
                break
            }
            if start == 0 { lastPosition = DeliveredLine.position(of: before) ?? 0 }
        }
        if start == 0, !tail.contains(0x0A) { end = 0 }
        if end < size {
            guard ftruncate(descriptor, off_t(end)) == 0, fsync(descriptor) == 0 else {
                throw failure("can't cut \(path)")
            }
            size = end
        }
        lastPosition = max(lastPosition, newestPutAside())
    }

    /// The highest position in the name of a file that was put aside.
    private func newestPutAside() -> UInt64 {
        let end = path.lastIndex(of: "/")
        let parent = end.map { String(path[..<$0]) } ?? "."
        let name = end.map { String(path[path.index(after: $0)...]) } ?? path
        guard let stream = opendir(parent.isEmpty ? "/" : parent) else { return 0 }
        defer { closedir(stream) }
        var newest: UInt64 = 0
        while let entry = readdir(stream) {
            let found = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard found.hasPrefix(name + ".") else { continue }
            let ending = found.dropFirst(name.utf8.count + 1)
            newest = max(newest, ending.split(separator: ".").first.flatMap { UInt64($0) } ?? 0)
        }
        return newest
    }

    func deliver(_ lines: [UInt8], last: UInt64, again: Bool) throws -> [RejectedDocument] {
        if mustRotate(adding: lines.count) || again != isReplaying && size > 0 { try rotate() }
        isReplaying = again
        var bytes = lines
        if !again, let first = DeliveredLine.position(of: lines[...]), first <= lastPosition {
            bytes = []
            for line in DeliveredLine.all(in: lines) where (line.position ?? 0) > lastPosition {
                bytes.append(contentsOf: line.bytes)
                bytes.append(0x0A)
            }
        }
        do { try append(bytes) } catch {
            // Half a delivery must not stay: it comes again as a whole.
            if ftruncate(descriptor, off_t(size)) != 0 { close(descriptor); exit(1) }
            throw error
        }
        size += bytes.count
        lastPosition = max(lastPosition, last)
        return []
    }

    private func append(_ bytes: [UInt8]) throws {
        var done = 0
        try bytes.withUnsafeBytes { buffer in
            while done < buffer.count {
                let count = write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure("can't write \(path)") }
                done += count
            }
        }
        guard fdatasync(descriptor) == 0 else {
            // What a failed sync leaves in the cache can't be trusted, so a fresh process looks at the file anew.
            let error = failure("can't sync \(path)")
            let line = Array("\(error)\n".utf8)
            _ = write(2, line, line.count)
            exit(1)
        }
    }

    private func mustRotate(adding count: Int) -> Bool {
        guard size > 0 else { return false }
        if let rotateSize, size + count > rotateSize { return true }
        if let rotateEvery, Double(Timestamp.now.seconds - opened.seconds) >= rotateEvery { return true }
        return false
    }

    private func rotate() throws {
        let digits = String(lastPosition)
        let name = "\(path).\(String(repeating: "0", count: max(0, 12 - digits.utf8.count)))\(digits)"
        var aside = name
        var number = 1
        // A file that was delivered again ends where another one did.
        while access(aside, F_OK) == 0 {
            number += 1
            aside = "\(name).\(number)"
        }
        guard rename(path, aside) == 0 else { throw failure("can't put \(path) aside as \(aside)") }
        close(descriptor)
        try open()
    }
}
