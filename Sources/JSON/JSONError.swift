/// Why a text is not the JSON that was expected.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, in words.
    public var what: String
    /// The byte at which it was seen, counted from 0.
    public var offset: Int

    /// Makes an error for the byte at `offset`.
    public init(_ what: String, offset: Int) {
        self.what = what
        self.offset = offset
    }

    /// One line for people.
    public var description: String { "\(what) at byte \(offset)" }
}
