import Glibc

/// Colours, where they are wanted.
public struct Style: Sendable {
    /// What a piece of text means.
    public enum Role: String, Sendable {
        case heading = "1"
        case faint = "2"
        case good = "32"
        case warning = "33"
        case bad = "31"
    }

    /// Whether anything is coloured.
    public var isColoured: Bool
    /// Columns that a line may take.
    public var columns: Int
    /// Whether what does not fit is cut; in files and pipes nothing is.
    public var cuts: Bool

    /// A style without terminal, for files and pipes.
    public static let plain = Style(isColoured: false, columns: 100, cuts: false)

    /// A style with or without colours.
    public init(isColoured: Bool, columns: Int, cuts: Bool = true) {
        self.isColoured = isColoured
        self.columns = columns
        self.cuts = cuts
    }

    /// The style for what stands behind `descriptor`: colours only on a terminal and without NO_COLOR.
    public init(descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        let refuses = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        isColoured = isTerminal && !refuses && !isDumb
        var size = winsize()
        let known = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 40
        cuts = isTerminal
        columns = known ? Int(size.ws_col) : 100
    }

    /// The text in the colour of its role; it must be clean already.
    public func apply(_ role: Role?, _ text: String) -> String {
        guard isColoured, let role, !text.isEmpty else { return text }
        return "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m"
    }

    /// The colour of a state's name.
    public static func role(ofState state: String) -> Role? {
        switch state {
        case "running", "watching", "open": .good
        case "failing", "failed", "stopped": .bad
        case "paused", "full", "starting", "stopping": .warning
        default: nil
        }
    }
}
