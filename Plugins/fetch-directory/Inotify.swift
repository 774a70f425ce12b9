import Glibc

/// The kernel's news of directories (inotify(7)).
final class Inotify {
    let descriptor: Int32
    private var paths: [Int32: String] = [:]
    private var watches: [String: Int32] = [:]

    /// Something that happened in a watched directory.
    struct Event {
        /// Relative to the tree's root.
        var path: String
        var isDirectory: Bool
        /// The file is whole: it was closed after writing, or moved here.
        var isComplete: Bool
        /// It is gone from here.
        var isGone: Bool
    }

    /// What was read.
    enum News {
        case events([Event])
        /// Some were lost, or a watched directory itself is gone: everything must be looked at again.
        case unclear
    }

    init?() {
        descriptor = inotify_init1(Int32(O_CLOEXEC | O_NONBLOCK))
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Watches a directory of the tree; false when the kernel will not.
    func add(_ relative: String, in tree: Tree) -> Bool {
        // By way of an open descriptor, so that no link can lead elsewhere.
        let directory = tree.open(relative, O_RDONLY | O_DIRECTORY)
        guard directory >= 0 else { return errno == ENOENT }
        defer { close(directory) }
        let mask = UInt32(
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_MODIFY | IN_DELETE_SELF
                | IN_MOVE_SELF)
        let watch = inotify_add_watch(descriptor, "/proc/self/fd/\(directory)", mask)
        guard watch >= 0 else { return false }
        paths[watch] = relative
        watches[relative] = watch
        return true
    }

    func read() -> News {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var events: [Event] = []
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return .events(events) }
            var offset = 0
            var isUnclear = false
            buffer.withUnsafeBytes { bytes in
                while offset + 16 <= count {
                    let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
                    let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                    let name = bytes[(offset + 16)..<min(offset + 16 + length, count)].prefix { $0 != 0 }
                    offset += 16 + length
                    if mask & UInt32(IN_Q_OVERFLOW) != 0 { isUnclear = true }
                    if mask & UInt32(IN_IGNORED) != 0 {
                        if let path = paths.removeValue(forKey: watch) { watches[path] = nil }
                        continue
                    }
                    guard let directory = paths[watch] else { continue }
                    if mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF) != 0 {
                        if directory.isEmpty { isUnclear = true }
                        continue
                    }
                    guard !name.isEmpty, let text = String(validating: name, as: UTF8.self) else { continue }
                    events.append(
                        Event(
                            path: directory.isEmpty ? text : "\(directory)/\(text)",
                            isDirectory: mask & UInt32(IN_ISDIR) != 0,
                            isComplete: mask & UInt32(IN_CLOSE_WRITE | IN_MOVED_TO) != 0,
                            isGone: mask & UInt32(IN_DELETE | IN_MOVED_FROM) != 0))
                }
            }
            if isUnclear { return .unclear }
        }
    }
}
