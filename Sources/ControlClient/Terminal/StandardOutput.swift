import Glibc

/// Writes whole texts to a descriptor.
public enum StandardOutput {
    /// Writes to standard output; ends the program when nobody reads any more, as other tools do.
    public static func write(_ bytes: [UInt8]) {
        guard write(bytes, to: 1) else { exit(errno == EPIPE ? 128 + SIGPIPE : ExitStatus.refused.rawValue) }
    }

    /// Writes to standard output.
    public static func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes JSON to standard output, one line; safe when it is a terminal.
    public static func writeJSON(_ bytes: [UInt8]) {
        var bytes = isatty(1) == 1 ? TerminalText.json(bytes) : bytes
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        write(bytes)
    }

    /// Writes one line to standard error.
    public static func complain(_ text: String) {
        _ = write(Array("millracectl: \(TerminalText.line(text))\n".utf8), to: 2)
    }

    /// Writes lines to standard error.
    public static func explain(_ text: String) {
        _ = write(Array((TerminalText.lines(text) + "\n").utf8), to: 2)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 {
                    guard errno == EINTR || errno == EAGAIN else { return false }
                    continue
                }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
