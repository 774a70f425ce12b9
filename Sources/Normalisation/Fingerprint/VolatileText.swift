import Glibc

/// Finds what changes on a page while its content stays: "5 minutes ago", counters of views and comments, "Updated 14:05",
/// labels of advertisements with the line behind them, lines such as "Read more: …".
///
/// Only short lines of texts with several lines are looked at, and never a part of a sentence: a number in a sentence is
/// content, and changing it is a correction.
enum VolatileText {
    /// Longer lines, in bytes, are paragraphs.
    private static let longestLine = 160

    /// Hands `keep` the pieces of `text` that are content, in their order. A line of which nothing stays is left out with
    /// the line feeds before it, so that the rest is the same with and without it.
    @inline(__always)
    static func content(of text: UnsafeBufferPointer<UInt8>, _ keep: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard text.firstOffset(of: 0x0A) != nil else { return keep(text) }
        var kept = 0
        var hasKept = false
        func keepUp(to end: Int) {
            if !hasKept { while kept < end, text[kept] == 0x0A { kept += 1 } }
            guard kept < end else { return }
            hasKept = true
            keep(UnsafeBufferPointer(rebasing: text[kept..<end]))
        }
        var start = 0
        var followsLabel = false
        while start < text.count {
            let end = text.firstOffset(of: 0x0A, from: start) ?? text.count
            if end - start > longestLine {
                followsLabel = false
            } else if end > start {
                let line = VolatileLine(UnsafeBufferPointer(rebasing: text[start..<end]))
                let findings = line.findings(followsLabel: followsLabel)
                followsLabel = findings.isLabel
                for range in findings.ranges {
                    var begin = start + range.lowerBound
                    if range.count == end - start { while begin > kept, text[begin - 1] == 0x0A { begin -= 1 } }
                    keepUp(to: begin)
                    kept = start + range.upperBound
                }
            }
            start = end + 1
        }
        keepUp(to: text.count)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Where `byte` comes first, at or after `start`.
    @inline(__always) func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
        guard let baseAddress, start < count else { return nil }
        let hit = memchr(baseAddress + start, Int32(byte), count - start)
        return hit.map { UnsafeRawPointer($0) - UnsafeRawPointer(baseAddress) }
    }
}

/// One short line.
private struct VolatileLine {
    struct Findings {
        /// What is not content.
        var ranges: [Range<Int>] = []
        /// Whether the next line is the advertisement that this line announces.
        var isLabel = false
    }

    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    func findings(followsLabel: Bool) -> Findings {
        let whole = 0..<bytes.count
        let labelEnd = self.labelEnd
        switch VolatileWords.role(ofPhrase: bytes[..<labelEnd]) {
        case .advertisement: return Findings(ranges: [whole], isLabel: labelEnd == bytes.count)
        case .teaser where labelEnd < bytes.count: return Findings(ranges: [whole])
        default: break
        }
        if followsLabel, !isSentence { return Findings(ranges: [whole]) }
        guard WordScanner.hasDigit(bytes) else { return Findings() }
        let runs = runs()
        return Findings(ranges: isAll(runs) ? [whole] : runs)
    }

    /// Whether nothing but signs stands beside the ranges.
    private func isAll(_ ranges: [Range<Int>]) -> Bool {
        guard !ranges.isEmpty else { return false }
        var index = 0
        for range in ranges {
            while index < range.lowerBound {
                if isLetter(index) || bytes[index] &- 0x30 < 10 { return false }
                index += separatorLength(index)
            }
            index = range.upperBound
        }
        while index < bytes.count {
            if isLetter(index) || bytes[index] &- 0x30 < 10 { return false }
            index += separatorLength(index)
        }
        return true
    }

    /// Where a label in front of a colon ends; the line's end where there is none.
    private var labelEnd: Int { bytes.firstOffset(of: UInt8(ascii: ":")) ?? bytes.count }

    private var isSentence: Bool {
        switch bytes.last {
        case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"): true
        // The ideographic full stop is E3 80 82.
        case 0x82: bytes.count > 2 && bytes[bytes.count - 3] == 0xE3 && bytes[bytes.count - 2] == 0x80
        default: false
        }
    }

    // MARK: Runs of words about time and counters

    /// A run of words that all have a role, as far as it has come.
    private struct Run {
        var start: Int
        var end: Int
        var hasNumber = false
        var hasAgo = false
        var hasCounter = false
        /// Whether nothing but white space lies between it and the word before.
        var touchesBefore: Bool
    }

    private func runs() -> [Range<Int>] {
        var found: [Range<Int>] = []
        var run: Run?
        var index = 0
        var hasWordBefore = false
        var isSeparated = true
        func finish(touchesAfter: Bool) {
            defer { run = nil }
            guard let run, run.hasNumber, run.hasAgo || run.hasCounter else { return }
            let isWhole = run.start == bytes.startIndex && !touchesAfter && bytes.count - run.end <= 3
            guard isWhole || !isSentence else { return }
            guard run.hasAgo || !(run.touchesBefore || touchesAfter) else { return }
            found.append(run.start..<run.end)
        }
        while index < bytes.count {
            let start = index
            let role: VolatileWords.Role?
            if bytes[index] &- 0x30 < 10 {
                skipNumber(&index)
                role = .number
            } else if isLetter(index) {
                while index < bytes.count, isLetter(index) { index += 1 }
                role = VolatileWords.role(ofWord: bytes[start..<index])
            } else {
                isSeparated = isSeparated || bytes[index] != 0x20
                index += separatorLength(index)
                continue
            }
            if let role {
                var current = run ?? Run(start: start, end: index, touchesBefore: hasWordBefore && !isSeparated)
                current.end = index
                current.hasNumber = current.hasNumber || role == .number
                current.hasAgo = current.hasAgo || role == .ago
                current.hasCounter = current.hasCounter || role == .counter || role == .update
                run = current
            } else {
                finish(touchesAfter: !isSeparated)
            }
            hasWordBefore = true
            isSeparated = false
        }
        finish(touchesAfter: false)
        return found
    }

    /// Digits, with what stands inside of dates, times and long numbers.
    private func skipNumber(_ index: inout Int) {
        while index < bytes.count {
            switch bytes[index] {
            case 0x30...0x39: index += 1
            case UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "/"):
                guard index + 1 < bytes.count, bytes[index + 1] &- 0x30 < 10 else { return }
                index += 1
            default: return
            }
        }
    }

    private func isLetter(_ index: Int) -> Bool {
        let byte = bytes[index]
        return byte < 0x80 ? (byte | 0x20) &- 0x61 < 26 : separatorLength(index) == 1
    }

    /// Bytes of the sign at `index`; 1 for what is no sign of several bytes.
    private func separatorLength(_ index: Int) -> Int {
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        let length =
            switch bytes[index] {
            case 0xC2: 2
            case 0xE2 where second <= 0x81: 3
            case 0xE3 where second == 0x80: 3
            case 0xEF where second == 0xBC: 3
            default: 1
            }
        return min(length, bytes.count - index)
    }
}
