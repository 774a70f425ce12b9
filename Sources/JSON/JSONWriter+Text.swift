import CByteScan
import Glibc

extension JSONWriter {
    /// Writes a member's name; its value must follow.
    public mutating func key(_ name: StaticString) {
        bytes.append(addingCapacity: Self.room(for: name)) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                Self.put(name, isFirst: !needsComma, into: buffer, &count)
            }
        }
        needsComma = false
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        text.utf8.span.withUnsafeBufferPointer { write(nil, $0) }
    }

    /// Writes a string from bytes that are known to be well-formed UTF-8.
    public mutating func string(utf8 text: UnsafeBufferPointer<UInt8>) { write(nil, text) }

    /// Writes several strings, one after another.
    public mutating func strings(_ texts: [String]) {
        let texts = texts.span
        for index in texts.indices { string(texts[index]) }
    }

    /// Writes an array of texts, unless there are none.
    public mutating func member(_ name: StaticString, _ texts: PackedTexts) {
        guard !texts.isEmpty else { return }
        key(name)
        beginArray()
        texts.forEach { string(utf8: $0) }
        endArray()
    }

    /// Writes a member when there is a value for it: absent means unknown.
    public mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        text.utf8.span.withUnsafeBufferPointer { write(name, $0) }
    }

    /// Writes a member from bytes that are known to be well-formed UTF-8.
    public mutating func member(_ name: StaticString, utf8 text: UnsafeBufferPointer<UInt8>) { write(name, text) }

    /// Writes a member from bytes that are known to be well-formed UTF-8 without anything that must be escaped.
    public mutating func member(_ name: StaticString, plain text: UnsafeBufferPointer<UInt8>) {
        bytes.append(addingCapacity: Self.room(for: name) + text.count + 2) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                // In bounds: name, text and their signs have room.
                Self.put(name, isFirst: !needsComma, into: buffer, &count)
                buffer[count] = UInt8(ascii: "\"")
                count &+= 1
                if let target = buffer.baseAddress, let source = text.baseAddress {
                    memcpy(target + count, source, text.count)
                    count &+= text.count
                }
                buffer[count] = UInt8(ascii: "\"")
                count &+= 1
            }
        }
        needsComma = true
    }

    // MARK: - Names

    /// Bytes that a name and the signs around it take.
    @inline(__always) private static func room(for name: StaticString) -> Int { name.utf8CodeUnitCount &+ 4 }

    /// Puts a member's name where it has room.
    @inline(__always)
    private static func put(
        _ name: StaticString, isFirst: Bool, into buffer: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
    ) {
        if !isFirst {
            buffer[count] = UInt8(ascii: ",")
            count &+= 1
        }
        buffer[count] = UInt8(ascii: "\"")
        count &+= 1
        let length = name.utf8CodeUnitCount
        if let target = buffer.baseAddress {
            if length < 16 {
                copyShort(from: name.utf8Start, to: target + count, length)
            } else {
                memcpy(target + count, name.utf8Start, length)
            }
        }
        count &+= name.utf8CodeUnitCount
        buffer[count] = UInt8(ascii: "\"")
        buffer[count &+ 1] = UInt8(ascii: ":")
        count &+= 2
    }

    // MARK: - Strings

    /// Bytes that an escape takes at most.
    private static let longestEscape = 6

    /// Writes a string, behind a name where there is one, in one pass that looks for what must be escaped and copies the rest.
    private mutating func write(_ name: StaticString?, _ text: UnsafeBufferPointer<UInt8>) {
        var place = -1
        repeat {
            // A little more than nearly all text needs; where it is too little, there is more room in the next round.
            let rest = text.count &- max(place, 0)
            let room = rest &+ rest / 8 &+ 64 &+ (name.map(Self.room) ?? 1)
            bytes.append(addingCapacity: room) { span in
                span.withUnsafeMutableBufferPointer { buffer, count in
                    if place < 0 {
                        if let name {
                            Self.put(name, isFirst: !needsComma, into: buffer, &count)
                        } else if needsComma {
                            buffer[count] = UInt8(ascii: ",")
                            count &+= 1
                        }
                        buffer[count] = UInt8(ascii: "\"")
                        count &+= 1
                        place = 0
                    }
                    Self.write(text, &place, into: buffer, &count)
                }
            }
        } while place <= text.count
        needsComma = true
    }

    /// Writes the text from `place` on as far as there is room; behind the quotation mark at its end, `place` is beyond it.
    private static func write(
        _ text: UnsafeBufferPointer<UInt8>, _ place: inout Int, into buffer: UnsafeMutableBufferPointer<UInt8>,
        _ count: inout Int
    ) {
        // Copies that stay in registers.
        var index = place
        var length = count
        defer {
            place = index
            count = length
        }
        guard let target = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
        // In each round there is room for sixteen bytes, an escape and the quotation mark.
        while length &+ 16 &+ longestEscape &+ 1 <= buffer.count {
            guard index < text.count, let source = UnsafeRawPointer(text.baseAddress) else {
                buffer[length] = UInt8(ascii: "\"")
                length &+= 1
                index = text.count &+ 1
                return
            }
            if index &+ 16 <= text.count {
                // In bounds: sixteen bytes are left. What is behind an escaped one is written over.
                target.advanced(by: length).copyMemory(from: source + index, byteCount: 16)
                let hits = millrace_json_escapes16(source + index)
                guard hits != 0 else {
                    index &+= 16
                    length &+= 16
                    continue
                }
                index &+= hits.trailingZeroBitCount
                length &+= hits.trailingZeroBitCount
            } else {
                let plain = plainCount(text, source, from: index)
                copyShort(from: source + index, to: target + length, plain)
                index &+= plain
                length &+= plain
                if index == text.count { continue }
            }
            length &+= escape(text[index], buffer, length)
            index &+= 1
        }
    }

    /// How many of the bytes from `start` on, which are less than sixteen, come before one that must be escaped.
    @inline(__always)
    private static func plainCount(
        _ text: UnsafeBufferPointer<UInt8>, _ source: UnsafeRawPointer, from start: Int
    ) -> Int {
        let rest = text.count &- start
        if text.count >= 16 {
            // In bounds: the last sixteen bytes, of which those before the rest are shifted out.
            let hits = millrace_json_escapes16(source + (text.count &- 16)) &>> UInt32(truncatingIfNeeded: 16 &- rest)
            return hits == 0 ? rest : hits.trailingZeroBitCount
        }
        if rest >= 8 {
            // In bounds: the first eight bytes and the last eight, which may overlap.
            let first = source.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            let last = source.loadUnaligned(fromByteOffset: text.count &- 8, as: UInt64.self)
            if !mayHoldEscapes(first), !mayHoldEscapes(last) { return rest }
        } else if rest >= 4 {
            let first = source.loadUnaligned(fromByteOffset: start, as: UInt32.self)
            let last = source.loadUnaligned(fromByteOffset: text.count &- 4, as: UInt32.self)
            if !mayHoldEscapes(UInt64(first) | UInt64(last) &<< 32) { return rest }
        }
        var index = start
        while index < text.count {
            let byte = text[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index &+= 1
        }
        return index &- start
    }

    /// Whether one of eight bytes must be escaped; never no where one must.
    @inline(__always) private static func mayHoldEscapes(_ eight: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = eight ^ ones &* 0x22
        let backslash = eight ^ ones &* 0x5C
        let hits = (eight &- ones &* 0x20) & ~eight | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
        return hits & (ones &* 0x80) != 0
    }

    /// Copies less than sixteen bytes; in bounds, since no more are touched.
    @inline(__always)
    private static func copyShort(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ count: Int) {
        if count >= 8 {
            // Two of eight bytes, which may overlap.
            let first = source.loadUnaligned(as: UInt64.self)
            let last = source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            target.storeBytes(of: first, as: UInt64.self)
            target.storeBytes(of: last, toByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4 {
            let first = source.loadUnaligned(as: UInt32.self)
            let last = source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            target.storeBytes(of: first, as: UInt32.self)
            target.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
        } else {
            for place in 0..<count {
                target.storeBytes(
                    of: source.load(fromByteOffset: place, as: UInt8.self), toByteOffset: place, as: UInt8.self)
            }
        }
    }

    /// Puts the escape of a byte at `place` and says how long it is.
    @inline(__always)
    private static func escape(_ byte: UInt8, _ buffer: UnsafeMutableBufferPointer<UInt8>, _ place: Int) -> Int {
        buffer[place] = UInt8(ascii: "\\")
        switch byte {
        case 0x0A: buffer[place &+ 1] = UInt8(ascii: "n")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): buffer[place &+ 1] = byte
        case 0x0D: buffer[place &+ 1] = UInt8(ascii: "r")
        case 0x09: buffer[place &+ 1] = UInt8(ascii: "t")
        default:
            let low = byte & 15
            buffer[place &+ 1] = UInt8(ascii: "u")
            buffer[place &+ 2] = UInt8(ascii: "0")
            buffer[place &+ 3] = UInt8(ascii: "0")
            buffer[place &+ 4] = UInt8(ascii: "0") &+ byte >> 4
            buffer[place &+ 5] = low < 10 ? UInt8(ascii: "0") &+ low : UInt8(ascii: "a") &+ low &- 10
            return longestEscape
        }
        return 2
    }
}
