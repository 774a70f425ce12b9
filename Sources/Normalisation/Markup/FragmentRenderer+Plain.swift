import CByteScan
import XML

extension FragmentRenderer {
    /// Room behind the text that ``runPlain(_:)`` needs, so that it can store sixteen bytes where fewer are text.
    static let plainRoom = 64

    // The first bytes of tags, little-endian: <p>, </p>, "<a h", </a>, <em>. They mean what ``MarkupElement`` says.
    private static let paragraph: UInt32 = 0x3E_703C
    private static let paragraphEnd: UInt32 = 0x3E70_2F3C
    private static let anchor: UInt32 = 0x6820_613C
    private static let anchorEnd: UInt32 = 0x3E61_2F3C
    private static let emphasis: UInt32 = 0x3E6D_653C

    /// A block without line breaks, as far as it has come.
    private struct Line {
        /// Where the text ended before it; nil where it has no text yet.
        var start: Int?
        var needsSpace = false
        var endsWithSpace = false
    }

    /// Goes on from the lexer's place over text, tags without a meaning of their own, links, pictures and ends of blocks, in
    /// one pass that looks at each byte of text once: the result is what ``LineWriter`` writes of it. It stops before what is
    /// anything else, such as a reference or a comment, or, and says so, behind a start tag that the lexer has taken and
    /// whose meaning is still to be seen to.
    ///
    /// To be called where the current block has come to no line break.
    mutating func runPlain(_ html: Span<UInt8>) -> Bool {
        // A line of which nothing but white space was written is begun anew.
        if line.isEmpty { endLine() }
        var current = Line(start: lineStart, needsSpace: line.needsSpace, endsWithSpace: line.endsWithSpace)
        if lineStart == nil { current = Line() }
        // Taken out for so long, since the renderer changes while it is written.
        var text: [UInt8] = []
        swap(&text, &result.text)
        var isAtStartTag = false
        let before = text.count
        text.append(addingCapacity: html.count - lexer.offset + Self.plainRoom) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                html.withUnsafeBufferPointer { bytes in
                    isAtStartTag = runPlain(html, bytes, into: buffer, &count, behind: before, &current)
                }
            }
        }
        swap(&text, &result.text)
        lineStart = current.start
        if current.start != nil {
            line = LineWriter(needsSpace: current.needsSpace, endsWithSpace: current.endsWithSpace)
        }
        return isAtStartTag
    }

    private mutating func runPlain(
        _ html: Span<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>, into buffer: UnsafeMutableBufferPointer<UInt8>,
        _ count: inout Int, behind before: Int, _ current: inout Line
    ) -> Bool {
        guard let source = UnsafeRawPointer(bytes.baseAddress), let target = UnsafeMutableRawPointer(buffer.baseAddress)
        else { return false }
        var index = lexer.offset
        // A copy that stays in registers.
        var line = current
        var length = count
        defer {
            lexer.move(to: index)
            current = line
            count = length
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte <= 0x20 {
                line.needsSpace = true
                line.endsWithSpace = true
                index &+= 1
                continue
            }
            if byte == UInt8(ascii: "<") {
                if index &+ 4 <= bytes.count {
                    // Most tags are these.
                    let tag = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: index, as: UInt32.self))
                    if tag == Self.paragraphEnd || tag & 0xFF_FFFF == Self.paragraph {
                        line = Line()
                        index &+= tag == Self.paragraphEnd ? 4 : 3
                        continue
                    }
                    if tag == Self.anchorEnd || tag == Self.emphasis {
                        index &+= 4
                        continue
                    }
                    if tag == Self.anchor, let link = plainLink(html, bytes, index) {
                        self.link(to: link, html)
                        index = link.upperBound &+ 2
                        continue
                    }
                }
                guard let next = plainTag(bytes, index) else {
                    // With attributes, a long name, or no tag.
                    guard index &+ 1 < bytes.count, (bytes[index &+ 1] | 0x20) &- 0x61 < 26 else { return false }
                    lexer.move(to: index)
                    _ = lexer.next(in: html)
                    index = lexer.offset
                    switch element {
                    case .inline: continue
                    case .block: line = Line()
                    case .anchor: link(html)
                    case .image: image(html)
                    default: return true
                    }
                    continue
                }
                if next.endsBlock { line = Line() }
                index = next.end
                continue
            }
            guard byte != UInt8(ascii: "&") else { return false }
            // In bounds: separators, a character and sixteen bytes have room.
            guard length &+ 20 <= buffer.count else { return false }
            if byte >= 0x7F {
                let space = LineWriter.spaceLength(html, at: index)
                if space > 0 {
                    line.needsSpace = true
                    line.endsWithSpace = false
                    index &+= space
                    continue
                }
                if byte == 0x7F {
                    line.endsWithSpace = false
                    index &+= 1
                    continue
                }
                if byte == 0xC2, index &+ 1 < bytes.count, 0x80...0x9F ~= bytes[index &+ 1] { return false }
            }
            if line.start == nil {
                line.start = before &+ length
                if before &+ length > 0 {
                    buffer[length] = 0x0A
                    buffer[length &+ 1] = 0x0A
                    length &+= 2
                }
            } else if line.needsSpace {
                buffer[length] = 0x20
                length &+= 1
            }
            buffer[length] = byte
            length &+= 1
            index &+= 1
            var endsWithSpace = false
            while true {
                guard index &+ 16 <= bytes.count, length &+ 16 <= buffer.count else {
                    // One by one up to the end.
                    while index < bytes.count, length < buffer.count {
                        let byte = bytes[index]
                        guard byte &- 0x20 < 0x5F, byte != UInt8(ascii: "<"), byte != UInt8(ascii: "&"),
                            byte != 0x20 || !endsWithSpace
                        else { break }
                        endsWithSpace = byte == 0x20
                        buffer[length] = byte
                        length &+= 1
                        index &+= 1
                    }
                    break
                }
                // In bounds: there are sixteen bytes here, and room for them there.
                let block = millrace_line_bytes16(source + index)
                (target + length).copyMemory(from: source + index, byteCount: 16)
                // The second of two spaces is a stop too.
                let stops = block.stops | block.spaces & (block.spaces &<< 1 | (endsWithSpace ? 1 : 0))
                guard stops == 0 else {
                    let plain = stops.trailingZeroBitCount
                    index &+= plain
                    length &+= plain
                    if plain > 0 { endsWithSpace = block.spaces &>> UInt32(truncatingIfNeeded: plain &- 1) & 1 != 0 }
                    break
                }
                index &+= 16
                length &+= 16
                endsWithSpace = block.spaces & 0x8000 != 0
            }
            // White space at the end is written when something follows.
            if endsWithSpace { length &-= 1 }
            line.needsSpace = endsWithSpace
            line.endsWithSpace = endsWithSpace
        }
        return false
    }

    /// Where the address stands in the tag at `index`, which begins with "<a h", if that is a link without other attributes,
    /// as most are written.
    @inline(__always)
    private func plainLink(_ html: Span<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Range<Int>? {
        let start = index &+ 9
        guard start < bytes.count, bytes[index &+ 4] == UInt8(ascii: "r"), bytes[index &+ 5] == UInt8(ascii: "e"),
            bytes[index &+ 6] == UInt8(ascii: "f"), bytes[index &+ 7] == UInt8(ascii: "="),
            bytes[index &+ 8] == UInt8(ascii: "\""),
            let end = bytes.firstOffset(of: UInt8(ascii: "\""), from: start), end &+ 1 < bytes.count,
            bytes[end &+ 1] == UInt8(ascii: ">")
        else { return nil }
        return start..<end
    }

    /// Where the tag at `index` ends, and whether it ends a block, if it is nothing but a short name and is one that has no
    /// other meaning.
    @inline(__always)
    private func plainTag(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (end: Int, endsBlock: Bool)? {
        var place = index &+ 1
        guard place < bytes.count else { return nil }
        let isEnd = bytes[place] == UInt8(ascii: "/")
        if isEnd { place &+= 1 }
        let start = place
        let limit = min(bytes.count, start &+ 8)
        var word: UInt64 = 0
        while place < limit {
            let byte = bytes[place] | 0x20
            guard byte &- 0x61 < 26 || bytes[place] &- 0x30 < 10 && place > start else { break }
            word |= UInt64(byte) &<< UInt64(truncatingIfNeeded: (place &- start) &* 8)
            place &+= 1
        }
        guard place > start, place < bytes.count, bytes[place] == UInt8(ascii: ">") else { return nil }
        switch elements[NameHash.of(word: word)] {
        case .inline: return (place &+ 1, false)
        case .block: return (place &+ 1, true)
        // The end of these means nothing; that of preformatted text ends a block.
        case .lineBreak, .hidden, .image, .anchor, .cell: return isEnd ? (place &+ 1, false) : nil
        case .preformatted: return isEnd ? (place &+ 1, true) : nil
        }
    }
}
