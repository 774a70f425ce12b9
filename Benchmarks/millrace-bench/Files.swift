import CInflate
import Glibc

/// The inputs, read and unpacked before the clock starts.
enum Files {
    struct Input {
        var name: String
        var mediaType: String?
        var bytes: [UInt8]
    }

    static func read(_ directory: String, limit: Int) throws -> [Input] {
        var files: [Input] = []
        for name in try names(directory) where files.count < limit {
            let path = "\(directory)/\(name)"
            var bytes = try contents(path)
            var plain = name
            if name.hasSuffix(".gz") {
                plain = String(name.dropLast(3))
                bytes = try unpack(bytes, path)
            }
            files.append(Input(name: plain, mediaType: mediaType(plain), bytes: bytes))
        }
        return files
    }

    private static func mediaType(_ name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html", "htm": "text/html"
        case "txt": "text/plain"
        default: nil
        }
    }

    /// Paths of all files below a directory, relative to it; links are not followed.
    private static func names(_ directory: String) throws -> [String] {
        var names: [String] = []
        var open = [""]
        while let folder = open.popLast() {
            guard let stream = opendir("\(directory)/\(folder)") else {
                throw BenchmarkError("can't read \(directory)/\(folder): \(String(cString: strerror(errno)))")
            }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                var information = stat()
                guard name != ".", name != "..", lstat("\(directory)/\(folder)\(name)", &information) == 0 else {
                    continue
                }
                switch information.st_mode & S_IFMT {
                case S_IFREG: names.append(folder + name)
                case S_IFDIR: open.append("\(folder)\(name)/")
                default: break
                }
            }
        }
        return names.sorted()
    }

    /// Bytes of all files below a directory.
    static func size(ofDirectory directory: String) throws -> Int {
        try names(directory).reduce(0) { sum, name in
            var information = stat()
            return stat("\(directory)/\(name)", &information) == 0 ? sum + Int(information.st_size) : sum
        }
    }

    /// Makes a file with this text.
    static func write(_ path: String, _ text: String) throws {
        guard let file = fopen(path, "w") else {
            throw BenchmarkError("can't write \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        guard fputs(text, file) >= 0, fflush(file) == 0 else { throw BenchmarkError("can't write \(path)") }
    }

    static func contents(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchmarkError("can't open \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var information = stat()
        fstat(descriptor, &information)
        var bytes = [UInt8](repeating: 0, count: Int(information.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            }
            guard count > 0 else { throw BenchmarkError("can't read \(path)") }
            done += count
        }
        return bytes
    }

    private static func unpack(_ bytes: [UInt8], _ path: String) throws -> [UInt8] {
        // The last four bytes are the size of what was packed (RFC 1952, 2.3.1).
        guard bytes.count > 18 else { throw BenchmarkError("\(path) is no gzip file") }
        let size = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        var plain = [UInt8](repeating: 0, count: max(size, 1))
        var length = 0
        guard millrace_inflate(bytes, bytes.count, &plain, plain.count, &length) == MILLRACE_INFLATE_OK else {
            throw BenchmarkError("\(path) is no gzip file")
        }
        return Array(plain[..<length])
    }
}
