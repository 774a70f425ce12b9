import Glibc
import JSON
import PluginKit
import PluginProtocol

/// Serves the sources of the plugin `directory`; each job looks after one tree.
struct DirectoryFetcher: Fetcher {
    func run(_ job: Job) throws -> JobResult {
        let watch = try DirectoryWatch(job)
        return try watch.run()
    }
}

/// One tree: what was taken of it, what waits to be taken, and the watch on it.
final class DirectoryWatch {
    private let job: Job
    private let settings: DirectorySettings
    private let tree: Tree
    private var known: [String: KnownFile] = [:]
    /// Where a file stood when it was taken, by its inode: how a moved file is known again.
    private var pathOfInode: [UInt64: String] = [:]
    /// Changes to the state that go with the next item.
    private var changes: [String: JSONValue] = [:]
    /// Files that may still be written to, and when they are looked at again (monotonic seconds).
    private var waiting: [String: Double] = [:]
    private var sent = 0

    init(_ job: Job) throws {
        self.job = job
        settings = try DirectorySettings(job)
        tree = try Tree(path: settings.path)
        for (path, value) in job.state {
            guard let file = KnownFile(value) else { continue }
            known[path] = file
            pathOfInode[file.inode] = path
        }
    }

    func run() throws -> JobResult {
        let inotify = settings.watches ? Inotify() : nil
        if settings.watches, inotify == nil {
            job.log(
                .warning,
                "inotify is not to be had (see fs.inotify.max_user_instances); the directory is only rescanned")
        }
        try scan(inotify)
        guard settings.watches else {
            while !waiting.isEmpty { try rest(inotify, until: nil) }
            try job.drain()
            return JobResult(state: changes, unchanged: sent == 0)
        }
        job.watching()
        var nextScan = Self.now + settings.rescan
        while !job.isCancelled {
            if try rest(inotify, until: nextScan) || Self.now >= nextScan {
                guard tree.isInPlace else {
                    throw FetchError(
                        .transient, "the directory \(settings.path) is gone",
                        remedy: "put it back; it is looked for again", retryAfter: 5)
                }
                try scan(inotify)
                nextScan = Self.now + settings.rescan
            }
        }
        return JobResult(state: changes)
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static var wallClock: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    // MARK: Looking

    private func scan(_ inotify: Inotify?) throws {
        var seen: Set<String> = []
        try scan(directory: "", inotify, &seen)
        for path in known.keys where !seen.contains(path) && tree.information(of: path) == nil { forget(path) }
    }

    private func scan(directory start: String, _ inotify: Inotify?, _ seen: inout Set<String>) throws {
        var open = [start]
        while let directory = open.popLast() {
            if job.isCancelled { throw JobCancelled() }
            // Watched before it is listed, so that nothing falls in between.
            if let inotify, !inotify.add(directory, in: tree) {
                job.log(
                    .warning, "'\(directory)' can't be watched (see fs.inotify.max_user_watches); it is only rescanned")
            }
            for entry in tree.list(directory) {
                switch entry {
                case .directory(let name):
                    let path = directory.isEmpty ? name : "\(directory)/\(name)"
                    guard settings.takesHidden || !name.hasPrefix("."), settings.enters(directory: path) else {
                        continue
                    }
                    open.append(path)
                case .file(let name):
                    let path = directory.isEmpty ? name : "\(directory)/\(name)"
                    guard takes(path) else { continue }
                    seen.insert(path)
                    try look(at: path, isComplete: false)
                }
            }
        }
    }

    private func takes(_ path: String) -> Bool {
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        return (settings.takesHidden || !name.hasPrefix(".")) && settings.takes(file: path)
    }

    /// Waits for news, a file that has become quiet, or the time; true when everything must be looked at again.
    @discardableResult
    private func rest(_ inotify: Inotify?, until end: Double?) throws -> Bool {
        let wake = [end, waiting.values.min()].compactMap { $0 }.min()
        var descriptors = [
            pollfd(fd: job.cancelDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inotify?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        let timeout = wake.map { Int32(min(max(($0 - Self.now) * 1000, 0), 1e9).rounded(.up)) } ?? -1
        _ = poll(&descriptors, 2, timeout)
        if job.isCancelled { throw JobCancelled() }
        if let inotify, descriptors[1].revents != 0 {
            guard case .events(let events) = inotify.read() else { return true }
            for event in events { try take(event, inotify) }
        }
        let now = Self.now
        for (path, time) in waiting where time <= now {
            waiting[path] = nil
            try look(at: path, isComplete: false)
        }
        return false
    }

    private func take(_ event: Inotify.Event, _ inotify: Inotify) throws {
        if event.isDirectory {
            if event.isGone { return }
            let name = event.path.split(separator: "/").last ?? ""
            guard settings.takesHidden || !name.hasPrefix("."), settings.enters(directory: event.path) else { return }
            var seen: Set<String> = []
            try scan(directory: event.path, inotify, &seen)
        } else if event.isGone {
            waiting[event.path] = nil
        } else if takes(event.path) {
            if event.isComplete {
                waiting[event.path] = nil
                try look(at: event.path, isComplete: true)
            } else if waiting[event.path] == nil {
                waiting[event.path] = Self.now + max(settings.settle, 0.05)
            }
        }
    }

    private func forget(_ path: String) {
        guard let file = known.removeValue(forKey: path) else { return }
        if pathOfInode[file.inode] == path { pathOfInode[file.inode] = nil }
        changes[path] = .null
    }

    private func remember(_ path: String, _ file: KnownFile) {
        known[path] = file
        pathOfInode[file.inode] = path
        changes[path] = file.json
    }

    private func takeChanges() -> [String: JSONValue] {
        defer { changes = [:] }
        return changes
    }

    // MARK: Taking

    private func look(at path: String, isComplete: Bool) throws {
        guard let information = tree.information(of: path) else { return }
        if let file = known[path], file.isSame(as: information) {
            let isRead = file.offset.map { $0 >= information.size } ?? true
            if isRead { return }
        }
        let age = Double(Self.wallClock - information.modified) / 1e9
        guard isComplete || age < 0 || age >= settings.settle else {
            waiting[path] = Self.now + settings.settle - age
            return
        }
        let descriptor = tree.open(path, O_RDONLY)
        guard descriptor >= 0 else {
            return try reject(path, information, "can't be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard let information = Tree.information(of: descriptor) else { return }
        let framing = settings.framing(of: path)
        if framing != .whole {
            return try RecordFile(path: path, descriptor: descriptor, information: information, framing: framing)
                .read(from: known[path], limit: job.maximumItemSize) { piece in try self.emit(piece, path, framing) }
        }
        guard information.size <= settings.maximumSize else {
            return try reject(
                path, information, "has \(information.size) bytes; at most \(settings.maximumSize) are taken (max_size)"
            )
        }
        var bytes = [UInt8](repeating: 0, count: information.size)
        guard Self.readAll(descriptor, &bytes) else {
            return try reject(path, information, "can't be read: \(String(cString: strerror(errno)))")
        }
        try emit(bytes, path, information)
    }

    private static func readAll(_ descriptor: Int32, _ bytes: inout [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let rest = bytes.count - done
            let count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: done), rest, off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return false }
            // It became shorter meanwhile; what changed it closes it again, which is news.
            if count == 0 {
                bytes.removeLast(rest)
                return true
            }
            done += count
        }
        return true
    }

    private func emit(_ bytes: [UInt8], _ path: String, _ information: Tree.FileInformation) throws {
        var file = KnownFile(
            inode: information.inode, size: information.size, modified: information.modified,
            fingerprint: Fingerprint.of(bytes))
        file.key = known[path]?.key
        if let before = known[path], before.fingerprint == file.fingerprint, before.size == file.size {
            // Touched, not changed.
            return remember(path, file)
        }
        if known[path] == nil, let old = pathOfInode[file.inode], old != path, let before = known[old],
            before.fingerprint == file.fingerprint, tree.information(of: old) == nil
        {
            file.key = before.key ?? old
            forget(old)
            return remember(path, file)
        }
        remember(path, file)
        try send(path, key: file.key ?? path, body: bytes, records: .whole, firstRecord: 1)
    }

    private func emit(_ piece: RecordFile.Piece, _ path: String, _ framing: RecordFraming) throws {
        switch piece {
        case .records(let bytes, let first, let file):
            remember(path, file)
            try send(path, key: path, body: bytes, records: framing, firstRecord: first)
        case .tooLong(let record, let file):
            remember(path, file)
            sent += 1
            try job.reject(
                uri: uri(path), reason: "record \(record) has more than \(job.maximumItemSize) bytes (max_item_size)",
                state: takeChanges())
        case .nothing(let file): remember(path, file)
        }
    }

    private func send(
        _ path: String, key: String, body: [UInt8], records: RecordFraming, firstRecord: Int64
    ) throws {
        var description = ItemDescription(
            uri: uri(path), key: key, mediaType: settings.mediaType ?? MediaTypes.of(path))
        description.records = records
        description.firstRecord = firstRecord
        sent += 1
        try job.emit(description, body: body, state: takeChanges())
    }

    private func reject(_ path: String, _ information: Tree.FileInformation, _ reason: String) throws {
        remember(
            path,
            KnownFile(inode: information.inode, size: information.size, modified: information.modified, fingerprint: 0))
        sent += 1
        try job.reject(uri: uri(path), reason: "the file \(reason)", state: takeChanges())
    }

    private func uri(_ path: String) -> String { MediaTypes.uri("\(settings.path)/\(path)") }
}
