import Glibc

/// A directory that goes with the test, and all that is in it.
public final class TemporaryDirectory: Sendable {
    /// Where it is.
    public let path: String

    /// Makes one below `/tmp`.
    public init() {
        var template = Array("/tmp/millrace-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            preconditionFailure("no directory can be made in /tmp: \(String(cString: strerror(errno)))")
        }
        path = String(cString: made)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        // All but directories.
        guard unlink(path) != 0 else { return }
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(stream)
        }
        rmdir(path)
    }

    /// The path of something in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }
}
