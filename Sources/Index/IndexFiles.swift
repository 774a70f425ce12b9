import Document
import Glibc
import SQLite

/// The files of the index in its directory.
enum IndexFiles {
    static let database = "index.sqlite3"
    /// Damaged ones that are kept for a look; with a failing disk there would be no end of them.
    private static let keptDamaged = 3

    /// Gives the database, which nobody may have open, another name, and removes what belongs to it.
    ///
    /// - Returns: that name; nil where there was no database.
    static func setAside(directory: String) throws(SQLiteError) -> String? {
        let path = "\(directory)/\(database)"
        let prefix = "\(path).damaged-"
        var number = Timestamp.now.milliseconds
        while access("\(prefix)\(number)", F_OK) == 0 { number += 1 }
        let kept = "\(prefix)\(number)"
        let isThere = rename(path, kept) == 0
        guard isThere || errno == ENOENT else {
            throw SQLiteError(code: 14, message: "can't set \(path) aside: \(String(cString: strerror(errno)))")
        }
        for name in names(beginningWith: "\(path)-") { unlink(name) }
        for name in names(beginningWith: prefix).dropLast(keptDamaged) { unlink(name) }
        return isThere ? kept : nil
    }

    /// All paths that begin so, in order.
    static func names(beginningWith prefix: String) -> [String] {
        let directory = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? "./"
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var paths: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if "\(directory)\(name)".hasPrefix(prefix) { paths.append("\(directory)\(name)") }
        }
        return paths.sorted()
    }
}
