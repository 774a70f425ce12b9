extension String {
    /// The most bytes of a text that a plugin wants to be shown: it goes to the log, to `status` and into the memory of a source.
    static let mostShownBytes = 8192

    /// The text, cut at a scalar where it has more than ``mostShownBytes`` bytes.
    var bounded: String {
        guard utf8.count > Self.mostShownBytes else { return self }
        var end = utf8.index(startIndex, offsetBy: Self.mostShownBytes)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
