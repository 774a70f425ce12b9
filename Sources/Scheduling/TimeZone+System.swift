import Glibc

extension TimeZone {
    private static let directory = "/usr/share/zoneinfo"
    private static let fileLimit = 1 << 20

    /// Looks a zone up in the system's tz database, such as `Europe/Berlin`.
    public static func named(_ name: String) throws(Failure) -> TimeZone {
        if name == "UTC" || name == "Z" { return .utc }
        let remedy = "give it a name such as Europe/Berlin; 'timedatectl list-timezones' shows all"
        let isName = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || "_+-/".utf8.contains($0)
        }
        guard isName, !name.isEmpty, name.utf8.count <= 64, !name.hasPrefix("/") else {
            throw Failure(what: "'\(name.prefix(64))' is no name of a time zone", remedy: remedy)
        }
        guard let bytes = contents(of: "\(directory)/\(name)") else {
            guard access(directory, R_OK) == 0 else {
                throw Failure(what: "there is no time zone database", remedy: "install the package tzdata")
            }
            throw Failure(what: "there is no time zone '\(name)'", remedy: remedy)
        }
        return try TimeZone(name: name, file: bytes)
    }

    /// The system's own zone: `TZ` when it is set, else `/etc/localtime`, else UTC.
    public static func local() -> TimeZone {
        if let value = getenv("TZ") {
            var name = String(cString: value)
            if name.hasPrefix(":") { name.removeFirst() }
            if let zone = try? named(name) { return zone }
            if let rule = TimeZoneRule(posix: Array(name.utf8)) {
                return TimeZone(name: name, firstOffset: rule.standardOffset, transitions: [], rule: rule)
            }
            return .utc
        }
        if let bytes = contents(of: "/etc/localtime"), let zone = try? TimeZone(name: "localtime", file: bytes) {
            return zone
        }
        return .utc
    }

    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= fileLimit else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { return nil }
            count += read
        }
        return bytes
    }
}
