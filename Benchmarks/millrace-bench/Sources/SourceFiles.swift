import Glibc

/// Writes source files for a measurement.
enum SourceFiles {
    /// Writes `count` sources below `directory`, with at most `perFile` in one file.
    ///
    /// - Parameter lines: the table's lines for the source of that number.
    static func write(_ count: Int, perFile: Int, below directory: String, _ lines: (Int) -> String) throws {
        guard mkdir(directory + "/sources.d", 0o755) == 0 else { throw BenchmarkError("can't make sources.d") }
        for first in stride(from: 1, through: count, by: perFile) {
            var text = ""
            for number in first..<min(first + perFile, count + 1) {
                text += "[source.number-\(number)]\n\(lines(number))\n"
            }
            try Files.write("\(directory)/sources.d/\(first).toml", text)
        }
    }
}
