import Glibc

/// A bar on standard error that shows how far something is; nothing where that is no terminal.
public struct ProgressBar {
    private let title: String
    private let isShown: Bool
    private let began = ContinuousClock.now
    private var shown: Int?

    /// A bar that has not begun.
    public init(_ title: String) {
        self.title = title
        isShown = isatty(2) == 1
    }

    /// Shows that `done` of `total` bytes are behind.
    public mutating func show(_ done: Int, of total: Int) {
        guard isShown, total > 0 else { return }
        let thousandths = Int(Double(min(done, total)) / Double(total) * 1000)
        guard thousandths != shown else { return }
        // Nothing for what takes no time.
        guard shown != nil || ContinuousClock.now - began > .milliseconds(200) else { return }
        shown = thousandths
        let width = 30
        let filled = thousandths * width / 1000
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let sizes = "\(Amounts.size(UInt64(max(done, 0)))) of \(Amounts.size(UInt64(total)))"
        write("\r\u{1B}[K\(title) \(bar) \(thousandths / 10) %, \(sizes)")
    }

    /// Takes the bar away.
    public func clear() {
        if shown != nil { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(2, bytes, bytes.count)
    }
}
