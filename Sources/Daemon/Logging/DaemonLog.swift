import Document
import Glibc
import JSON
import PluginProtocol
import Synchronization

/// Where the daemon's log lines go, and in which form.
public final class DaemonLog: Sendable {
    /// How a line looks.
    public enum Format: String, Sendable, CaseIterable {
        /// `journal` under systemd, else `terminal`.
        case auto
        /// A priority prefix (sd-daemon(3)) and the text; the journal adds the time.
        case journal
        /// Time, level in colour where standard error is a terminal, text.
        case terminal
        /// One JSON object a line.
        case json
    }

    private struct State {
        var format: Format
        var minimum: LogLevel
        var isColoured: Bool
    }
    private let state: Mutex<State>

    /// A log to standard error.
    public init(format: Format = .auto, minimum: LogLevel = .info) {
        state = Mutex(State(format: .terminal, minimum: minimum, isColoured: false))
        configure(format: format, minimum: minimum)
    }

    /// Changes form and level from the next line on.
    public func configure(format: Format, minimum: LogLevel) {
        let journal = getenv("JOURNAL_STREAM") != nil
        let chosen = format == .auto ? (journal ? .journal : .terminal) : format
        let coloured = chosen == .terminal && isatty(2) == 1 && getenv("NO_COLOR") == nil
        state.withLock { $0 = State(format: chosen, minimum: minimum, isColoured: coloured) }
    }

    /// Writes one line; control characters, which may come from outside, are made visible.
    public func log(_ level: LogLevel, _ message: String) {
        let state = state.withLock { $0 }
        guard level.rank >= state.minimum.rank else { return }
        var line: [UInt8]
        switch state.format {
        case .journal:
            line = Array("<\(level.priority)>".utf8)
            line.append(contentsOf: VisibleText.line(message).utf8)
        case .json:
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("time", Timestamp.now.description)
            writer.member("level", level.rawValue)
            writer.member("message", message)
            writer.endObject()
            line = writer.bytes
        case .terminal, .auto:
            let name = level.rawValue + String(repeating: " ", count: 7 - level.rawValue.utf8.count)
            let shown = state.isColoured ? "\u{1B}[\(level.colour)m\(name)\u{1B}[0m" : name
            line = Array("\(Timestamp.now.description.dropFirst(11).prefix(8)) \(shown) ".utf8)
            line.append(contentsOf: VisibleText.line(message).utf8)
        }
        line.append(UInt8(ascii: "\n"))
        // One write a line, so that lines of several threads never mix.
        line.withUnsafeBytes { bytes in _ = write(2, bytes.baseAddress, bytes.count) }
    }

    /// For what only a developer wants to know.
    public func debug(_ message: String) { log(.debug, message) }
    /// For what is as it should be.
    public func info(_ message: String) { log(.info, message) }
    /// For what an operator wants to have seen.
    public func notice(_ message: String) { log(.notice, message) }
    /// For what may need a hand.
    public func warning(_ message: String) { log(.warning, message) }
    /// For what needs a hand.
    public func error(_ message: String) { log(.error, message) }
}

extension LogLevel {
    var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warning: 3
        case .error: 4
        }
    }

    /// syslog(3)'s number.
    fileprivate var priority: Int {
        switch self {
        case .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        }
    }

    fileprivate var colour: Int {
        switch self {
        case .debug: 90
        case .info: 36
        case .notice: 32
        case .warning: 33
        case .error: 31
        }
    }
}
