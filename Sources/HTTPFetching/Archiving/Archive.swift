import Document
import Glibc

/// A directory of WARC files, of which one is being written.
///
/// Its name ends in `.open` until it has its size or the program ends; what a program that was killed left so is given its
/// name by the next one. Each record is written at once.
final class Archive {
    /// Why a record could not be written.
    struct Fault: Error {
        var what: String
    }

    private static let openSuffix = ".open"

    private let directory: String
    /// Bytes after which the next file is begun.
    private let rotation: Int
    private var descriptor: Int32 = -1
    private var name = ""
    private var size = 0
    private var number = 0

    /// An archive in a directory that is there.
    init(directory: String, rotation: Int) {
        self.directory = directory
        self.rotation = rotation
        finishLeftFiles()
    }

    deinit { finish() }

    /// Writes records that belong together into one file.
    func write(_ records: [WARCRecord]) throws(Fault) {
        if descriptor < 0 || size >= rotation { try begin() }
        var bytes: [UInt8] = []
        for record in records {
            guard let packed = record.packed else { throw Fault(what: "there is no memory to pack a record") }
            bytes += packed
        }
        try append(bytes)
    }

    private func append(_ bytes: [UInt8]) throws(Fault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                let reason = String(cString: strerror(errno))
                // No half of a record may stand between whole ones.
                ftruncate(descriptor, off_t(size))
                lseek(descriptor, off_t(size), SEEK_SET)
                throw Fault(what: "\(directory)/\(name): \(reason)")
            }
        }
        size += bytes.count
    }

    private func begin() throws(Fault) {
        finish()
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y%m%d%H%M%S", &parts)
        let moment = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        number += 1
        let final = "millrace-\(moment)-\(getpid())-\(number).warc.gz"
        name = final + Self.openSuffix
        descriptor = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        size = 0
        guard descriptor >= 0 else { throw Fault(what: "\(directory)/\(name): \(String(cString: strerror(errno)))") }
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
        let fields = "software: Millrace/0.1\r\nformat: WARC File Format 1.1\r\n"
        let info = WARCRecord(
            kind: .warcinfo, date: .now, fields: [("WARC-Filename", final)], contentType: "application/warc-fields",
            block: Array(fields.utf8))
        try append(info.packed ?? [])
    }

    /// Gives the file its name.
    func finish() {
        guard descriptor >= 0 else { return }
        fdatasync(descriptor)
        rename("\(directory)/\(name)", "\(directory)/\(name.dropLast(Self.openSuffix.utf8.count))")
        close(descriptor)
        descriptor = -1
    }

    private func finishLeftFiles() {
        guard let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix("millrace-"), name.hasSuffix(".warc.gz" + Self.openSuffix) else { continue }
            let path = "\(directory)/\(name)"
            let left = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard left >= 0 else { continue }
            // Who still writes it holds its lock.
            if flock(left, LOCK_EX | LOCK_NB) == 0 { rename(path, String(path.dropLast(Self.openSuffix.utf8.count))) }
            close(left)
        }
    }
}
