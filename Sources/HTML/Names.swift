/// The name of an element, as a number: known names have constants, others a number of their document's own.
public struct TagName: Sendable, Hashable {
    /// The number.
    public let rawValue: UInt16
    /// A name by its number.
    @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

/// The name of an attribute, as a number: known names have constants, others a number of their document's own.
public struct AttributeName: Sendable, Hashable {
    /// The number.
    public let rawValue: UInt16
    /// A name by its number.
    @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

/// Gives names their numbers: a hash table with open addressing over the names' bytes, without a String a look-up.
struct NameTable {
    private(set) var names: [[UInt8]] = []
    private var slots: [UInt16]
    /// A document can't make more names than this; what comes then is called by the last one.
    private static let limit = 20_000
    private static let empty = UInt16.max

    init(_ known: StaticString) {
        slots = [UInt16](repeating: Self.empty, count: 1024)
        for name in String(describing: known).split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let bytes = Array(name.utf8)
            _ = bytes.withUnsafeBufferPointer { number(of: $0) }
        }
    }

    static let tags = NameTable(TagName.known)
    static let attributes = NameTable(AttributeName.known)

    mutating func number(of name: UnsafeBufferPointer<UInt8>) -> UInt16 {
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] != Self.empty {
            let candidate = slots[slot]
            if names[Int(candidate)].elementsEqual(name) { return candidate }
            slot = (slot + 1) & (slots.count - 1)
        }
        guard names.count < Self.limit else { return UInt16(Self.limit - 1) }
        let number = UInt16(names.count)
        names.append(Array(name))
        slots[slot] = number
        if names.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        slots = [UInt16](repeating: Self.empty, count: slots.count * 2)
        for (number, name) in names.enumerated() {
            var slot = name.withUnsafeBufferPointer { Self.hash($0) } & (slots.count - 1)
            while slots[slot] != Self.empty { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt16(number)
        }
    }

    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt32 = 2_166_136_261
        for byte in name { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return Int(hash ^ hash >> 15)
    }
}
