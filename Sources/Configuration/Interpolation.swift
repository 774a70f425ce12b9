import Glibc

/// Values that come from outside of the file: `${NAME}` from the environment, secrets from files.
enum Interpolation {
    struct Failure: Error, Equatable {
        var what: String
        var remedy: String
    }

    /// The most bytes of a secret in a file.
    private static let secretLimit = 64 << 10

    /// A variable of the process's environment.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Replaces each `${NAME}`; `$$` stands for one dollar sign, and one before anything else for itself.
    static func expand(
        _ text: String, environment: (String) -> String? = environment
    ) throws(Failure) -> (text: String, isSecret: Bool) {
        guard text.holds(UInt8(ascii: "$")) else { return (text, false) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var isSecret = false
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            let next = place + 1 < bytes.count ? bytes[place + 1] : 0
            guard byte == UInt8(ascii: "$"), next == UInt8(ascii: "$") || next == UInt8(ascii: "{") else {
                result.append(byte)
                place += 1
                continue
            }
            place += 2
            if next == UInt8(ascii: "$") {
                result.append(byte)
                continue
            }
            guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "}")) else {
                throw Failure(what: "'${' without '}'", remedy: "close it, or write '$${' for these characters")
            }
            let name = String(decoding: bytes[place..<end], as: UTF8.self)
            guard isVariable(name) else {
                throw Failure(
                    what: "'${\(name.prefix(64))}' names no variable",
                    remedy: "use letters, digits and '_', or write '$${' for these characters")
            }
            guard let value = environment(name) else {
                throw Failure(
                    what: "the environment has no variable \(name)",
                    remedy: "set it for the daemon, or write '$${' for these characters")
            }
            result += Array(value.utf8)
            isSecret = true
            place = end + 1
        }
        return (String(decoding: result, as: UTF8.self), isSecret)
    }

    private static func isVariable(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= 256, !(0x30...0x39).contains(first) else { return false }
        return bytes.allSatisfy {
            (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        }
    }

    /// The content of a file with a secret, without the line end after it.
    ///
    /// - Parameters:
    ///   - path: a path, or `credential:NAME` for one of systemd's credentials (`LoadCredential=`).
    ///   - directory: what a relative path is relative to.
    static func secret(
        in path: String, directory: String, environment: (String) -> String? = environment
    ) throws(Failure) -> String {
        let file = try secretFile(path, directory: directory, environment: environment)
        let bytes: [UInt8]
        do throws(Problem) {
            bytes = try ConfigurationFile.read(file, limit: secretLimit)
        } catch {
            throw Failure(what: "the file \(error.file) \(error.what)", remedy: error.remedy)
        }
        var end = bytes.count
        if end > 0, bytes[end - 1] == 0x0A { end -= 1 }
        if end > 0, bytes[end - 1] == 0x0D { end -= 1 }
        guard end > 0 else { throw Failure(what: "the file \(file) is empty", remedy: "write the secret into it") }
        guard let text = String(validating: bytes[..<end], as: UTF8.self), !text.utf8.contains(0) else {
            throw Failure(what: "the file \(file) is no text", remedy: "write the secret into it as UTF-8")
        }
        return text
    }

    private static func secretFile(
        _ path: String, directory: String, environment: (String) -> String?
    ) throws(Failure) -> String {
        let prefix = "credential:"
        guard path.hasPrefix(prefix) else {
            guard !path.isEmpty else { throw Failure(what: "the path is empty", remedy: "name a file with the secret") }
            return ConfigurationFile.absolute(path, in: directory)
        }
        let name = path.dropFirst(prefix.count)
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")), name != ".", name != ".." else {
            throw Failure(what: "'\(path)' names no credential", remedy: "write \(prefix)NAME, without a '/'")
        }
        guard let credentials = environment("CREDENTIALS_DIRECTORY"), !credentials.isEmpty else {
            throw Failure(
                what: "systemd has given no credentials", remedy: "add LoadCredential=\(name):PATH to the daemon's unit"
            )
        }
        return "\(credentials)/\(name)"
    }
}
