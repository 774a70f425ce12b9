/// Something in a configuration file that a person has to mend.
public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's path, or what stands for it.
    public var file: String
    /// Counted from 1; 0 where the whole file is meant.
    public var line: Int
    /// Counted from 1; 0 where the whole line is meant.
    public var column: Int
    /// What is wrong.
    public var what: String
    /// What to do about it.
    public var remedy: String

    /// A problem at a place in a file.
    public init(file: String, line: Int, column: Int = 0, what: String, remedy: String) {
        self.file = file
        self.line = line
        self.column = column
        self.what = what
        self.remedy = remedy
    }

    /// `file:line: what, remedy`.
    public var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return remedy.isEmpty ? "\(place): \(what)" : "\(place): \(what), \(remedy)"
    }

    /// More problems than this in one table or file are only counted.
    static let most = 100
}

/// The one of `known` that a person most likely meant by `word`, if any is near enough (edit distance).
public func nearest(_ word: String, among known: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().utf8.prefix(64))
    var best: (name: String, distance: Int)?
    for name in known {
        let distance = editDistance(typed, Array(name.lowercased().utf8.prefix(64)))
        if distance < best?.distance ?? Int.max { best = (name, distance) }
    }
    guard let best, best.distance <= max(1, typed.count / 3) else { return nil }
    return best.name
}

/// Insertions, deletions, replacements and swaps of neighbours (Damerau, optimal string alignment).
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
            if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
