import Glibc

/// Where Millrace's other programs are.
enum ProgramLocation {
    /// Looks beside this program, then in `../libexec/millrace`.
    static func find(_ program: String) throws(CommandFailure) -> String {
        var directory = "."
        if let resolved = realpath("/proc/self/exe", nil) {
            defer { free(resolved) }
            let path = String(cString: resolved)
            directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        }
        let places = ["\(directory)/\(program)", "\(directory)/../libexec/millrace/\(program)"]
        if let found = places.first(where: { access($0, X_OK) == 0 }) { return found }
        throw CommandFailure(
            .refused, "the program \(program) is neither \(places.joined(separator: " nor "))",
            remedy: "install Millrace whole, or build it with 'make build'")
    }
}
