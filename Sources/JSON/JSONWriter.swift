import Glibc

/// Writes JSON (RFC 8259) into a growing byte buffer, without a tree and without white space.
///
/// Commas are set by the writer; the caller keeps objects and arrays balanced. Only the characters that must be escaped
/// are, so equal calls give equal bytes.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public var bytes: [UInt8]
    @usableFromInline var needsComma = false

    /// Starts with an empty buffer that has room for `capacity` bytes.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Empties the buffer and keeps its room.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Begins another JSON text behind what has been written.
    public mutating func startText() { needsComma = false }

    @inlinable mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Opens an object.
    @inlinable public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// Closes the innermost object.
    @inlinable public mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// Opens an array.
    @inlinable public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    /// Closes the innermost array.
    @inlinable public mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes a member's name that is not known when the program is built.
    public mutating func key(any name: String) {
        separate()
        needsComma = false
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes two words as a string of 32 hexadecimal digits in lower case.
    public mutating func hexadecimal(_ words: (UInt64, UInt64)) {
        hexadecimal(digits: 32) { target in
            Self.store(words.0, target)
            Self.store(words.1, target + 16)
        }
    }

    /// Writes four words as a string of 64 hexadecimal digits in lower case.
    public mutating func hexadecimal(_ words: (UInt64, UInt64, UInt64, UInt64)) {
        hexadecimal(digits: 64) { target in
            Self.store(words.0, target)
            Self.store(words.1, target + 16)
            Self.store(words.2, target + 32)
            Self.store(words.3, target + 48)
        }
    }

    @inline(__always)
    private mutating func hexadecimal(digits: Int, _ write: (UnsafeMutableRawPointer) -> Void) {
        separate()
        bytes.append(addingCapacity: digits + 2) { span in
            span.append(UInt8(ascii: "\""))
            span.withUnsafeMutableBufferPointer { buffer, count in
                guard let base = buffer.baseAddress else { return }
                // In bounds: the digits and two signs have room.
                write(UnsafeMutableRawPointer(base + count))
                count &+= digits
            }
            span.append(UInt8(ascii: "\""))
        }
    }

    /// Puts the sixteen digits of a word where they have room.
    @inline(__always) private static func store(_ word: UInt64, _ target: UnsafeMutableRawPointer) {
        let high = digits(of: UInt32(truncatingIfNeeded: word >> 32))
        let low = digits(of: UInt32(truncatingIfNeeded: word))
        target.storeBytes(of: high.littleEndian, as: UInt64.self)
        target.storeBytes(of: low.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// The eight digits of a number, the first one in the lowest byte.
    private static func digits(of number: UInt32) -> UInt64 {
        // Spreads the bytes, then their halves, then makes digits of all eight at once.
        var spread = UInt64(number.byteSwapped)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        spread = (spread >> 4 | spread << 8) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    /// Writes an integer.
    @inlinable public mutating func integer(_ value: some BinaryInteger) {
        integer(UInt64(truncatingIfNeeded: value.magnitude), isNegative: value < 0)
    }

    @usableFromInline mutating func integer(_ magnitude: UInt64, isNegative: Bool) {
        separate()
        var magnitude = magnitude
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = 20
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(magnitude % 10)
                magnitude /= 10
            } while magnitude > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    /// Writes a number; one that JSON can't hold (infinite, not a number) becomes `null`.
    public mutating func number(_ value: Double) {
        if value.magnitude < 1e9, value == value.rounded() {
            // As numbers are described, without describing them.
            if value == 0, value.sign == .minus { return raw("-0.0".utf8) }
            integer(Int64(value))
            bytes.append(contentsOf: ".0".utf8)
            return
        }
        separate()
        bytes.append(contentsOf: value.isFinite ? Array("\(value)".utf8) : Array("null".utf8))
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Copies bytes that already are one JSON value.
    @inlinable public mutating func raw(_ json: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Copies bytes that already are members of an object, with commas between them only.
    public mutating func members(raw json: [UInt8]) {
        guard !json.isEmpty else { return }
        bytes.append(addingCapacity: json.count + 1) { span in
            if needsComma { span.append(UInt8(ascii: ",")) }
            span.withUnsafeMutableBufferPointer { buffer, count in
                json.withUnsafeBufferPointer { json in
                    guard let target = buffer.baseAddress, let source = json.baseAddress else { return }
                    // In bounds: the members and one sign have room.
                    memcpy(target + count, source, json.count)
                    count &+= json.count
                }
            }
        }
        needsComma = true
    }

    /// Writes a tree, members sorted by key.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .integer(let integer): self.integer(integer)
        case .number(let number): self.number(number)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            func write(_ name: String, _ member: JSONValue) {
                key(any: name)
                self.value(member)
            }
            if members.count == 1 {
                for (name, member) in members { write(name, member) }
            } else {
                for (name, member) in members.sorted(by: { $0.key < $1.key }) { write(name, member) }
            }
            endObject()
        }
    }

    /// Writes an integer member when there is a value for it.
    @inlinable public mutating func member(_ name: StaticString, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        key(name)
        integer(value)
    }

    /// Writes a boolean member when there is a value for it.
    @inlinable public mutating func member(_ name: StaticString, _ value: Bool?) {
        guard let value else { return }
        key(name)
        bool(value)
    }

    /// Writes an object of texts, sorted by key, unless it is empty.
    public mutating func member(_ name: StaticString, _ texts: [String: String]) {
        guard !texts.isEmpty else { return }
        key(name)
        beginObject()
        func member(_ key: String, _ text: String) {
            self.key(any: key)
            string(text)
        }
        if texts.count == 1 {
            for (key, text) in texts { member(key, text) }
        } else {
            for (key, text) in texts.sorted(by: { $0.key < $1.key }) { member(key, text) }
        }
        endObject()
    }

    /// Writes a member of any form when there is a value for it.
    @inlinable public mutating func member(_ name: StaticString, _ tree: JSONValue?) {
        guard let tree else { return }
        key(name)
        value(tree)
    }
}
