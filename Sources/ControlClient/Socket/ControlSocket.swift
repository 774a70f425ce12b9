import Glibc

/// Where the daemon listens.
public enum ControlSocket {
    /// The places that are looked at when none is named.
    public static let usualPlaces = ["./var/run/control.sock", "/run/millrace/control.sock"]

    /// Bytes that the kernel takes for a socket's path.
    static let longestPath = 107

    /// The named socket, else `$MILLRACE_SOCKET`, else the first usual place that exists.
    public static func locate(_ named: String?) throws(CommandFailure) -> String {
        let variable = getenv("MILLRACE_SOCKET").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        if let path = named ?? variable {
            guard path.utf8.count <= longestPath else {
                throw CommandFailure(
                    .wrongUse, "the socket's path \(path) is longer than \(longestPath) bytes",
                    remedy: "name it by a shorter or a relative path")
            }
            return path
        }
        for place in usualPlaces where access(place, F_OK) == 0 { return place }
        throw CommandFailure(
            .noDaemon, "no daemon is running: there is neither \(usualPlaces.joined(separator: " nor "))",
            remedy: startRemedy)
    }

    static let startRemedy =
        "start it with 'systemctl start millraced' (or 'make run' in a checkout), or name its socket with --socket"
}
