import Glibc

/// Values that come from outside of the file: `${NAME}` from the environment, secrets from files.
enum Interpolation {
    struct Failure: Error {
        var what: String
        var remedy: String
    }

    /// Replaces each `${NAME}`; `$$` stands for one dollar sign.
    static func expand(_ text: String) throws(Failure) -> (text: String, isSecret: Bool) {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, false) }
        var result = ""
        var rest = Substring(text)
        var isSecret = false
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Failure(what: "'${' without '}'", remedy: "close it, or write '$$' for a dollar sign")
                }
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                guard let value = getenv(name) else {
                    throw Failure(
                        what: "the environment has no variable \(name)",
                        remedy: "set it, or write '$$' for a dollar sign")
                }
                result += String(cString: value)
                isSecret = true
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
            }
        }
        return (result + rest, isSecret)
    }

    /// The content of a file with a secret, without the line feed at its end. `credential:NAME` is one of systemd's.
    static func secret(in path: String) throws(Failure) -> String {
        var path = path
        if path.hasPrefix("credential:") {
            let name = path.dropFirst("credential:".count)
            guard let directory = getenv("CREDENTIALS_DIRECTORY"), !name.contains("/"), !name.isEmpty else {
                throw Failure(
                    what: "there are no credentials of systemd", remedy: "add LoadCredential=\(name):PATH to the unit")
            }
            path = "\(String(cString: directory))/\(name)"
        }
        do throws(Problem) {
            var bytes = try readFile(path, limit: 64 << 10)
            while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
            guard !bytes.isEmpty else { throw Problem(file: path, line: 0, what: "is empty", remedy: "") }
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            throw Failure(
                what: "the secret in \(path): \(error.what)",
                remedy: "let the daemon's user read a file with the secret there")
        }
    }
}

/// Reads a whole file of at most `limit` bytes.
func readFile(_ path: String, limit: Int) throws(Problem) -> [UInt8] {
    func problem(_ number: Int32) -> Problem {
        Problem(
            file: path, line: 0, what: "can't be read: \(String(cString: strerror(number)))",
            remedy: number == ENOENT ? "check the path" : "check that the daemon's user may read it")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem(errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { return bytes }
        if count < 0 {
            if errno == EINTR { continue }
            throw problem(errno)
        }
        bytes.append(contentsOf: chunk[..<count])
        guard bytes.count <= limit else {
            throw Problem(
                file: path, line: 0, what: "is larger than \(SizeText.format(Int64(limit)))", remedy: "split it up")
        }
    }
}
