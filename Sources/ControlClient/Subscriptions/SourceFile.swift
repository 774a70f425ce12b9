import Glibc

/// Writes files of sources.
enum SourceFile {
    /// A text that is safe in a comment.
    static func comment(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        return String(String(String.UnicodeScalarView(kept)).prefix(200))
    }

    /// A basic string (TOML 1.0) that the configuration reads as the text: `${` in an address from the web must not become a
    /// variable of the daemon's environment, which would be sent there.
    static func quoted(_ text: String) -> String {
        var result = "\""
        let scalars = Array(text.unicodeScalars)
        for (place, scalar) in scalars.enumerated() {
            let next = place + 1 < scalars.count ? scalars[place + 1] : " "
            if scalar == "$", next == "$" || next == "{" {
                result += "$$"
            } else if scalar == "\"" || scalar == "\\" {
                result += "\\\(scalar)"
            } else if scalar.value < 0x20 || scalar.value == 0x7F {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Letters and digits of ASCII, other runs as one hyphen.
    static func slug(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.lowercased().utf8 {
            if (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) {
                result.append(byte)
            } else if byte != UInt8(ascii: "'"), let last = result.last, last != UInt8(ascii: "-") {
                result.append(UInt8(ascii: "-"))
            }
        }
        while result.last == UInt8(ascii: "-") { result.removeLast() }
        return String(decoding: result, as: UTF8.self)
    }

    /// Addresses that differ in the case of scheme and host or in a slash at their end mean the same.
    static func comparable(_ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        var text = parts.prefix(3).joined(separator: "/").lowercased()
        if parts.count > 3 { text += "/" + parts[3] }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    /// Writes `directory/name` whole or not at all, and over another one only when that is wanted.
    /// - Parameter remedy: what helps where there is one already.
    static func write(
        _ text: String, to name: String, in directory: String, replaces: Bool, remedy: String
    ) throws(CommandFailure) {
        let file = "\(directory)/\(name)"
        // A name that the daemon passes over: it begins with a dot.
        let draft = "\(directory)/.new-\(getpid()).draft"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw InputFile.failure(draft, errno) }
        defer { unlink(draft) }
        var rest = Array(text.utf8)[...]
        var failure: Int32 = 0
        while !rest.isEmpty, failure == 0 {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { failure = errno }
        }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        close(descriptor)
        guard failure == 0 else { throw InputFile.failure(draft, failure) }
        // A link is never made over an existing name; a rename is.
        guard (replaces ? rename(draft, file) : link(draft, file)) == 0 else {
            let number = errno
            if number == EEXIST { throw CommandFailure(.refused, "\(file) exists", remedy: remedy) }
            throw InputFile.failure(file, number)
        }
    }
}
