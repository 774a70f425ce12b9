/// The name of an element, as a number: known names have constants, others a number of their document's own.
public struct TagName: Sendable, Hashable {
    /// The number.
    public let rawValue: UInt16
    /// A name by its number.
    @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

extension TagName {
    /// The names of all elements that have constants, separated by white space.
    package static var knownNames: StaticString { known }
}

/// The name of an attribute, as a number: known names have constants, others a number of their document's own.
public struct AttributeName: Sendable, Hashable {
    /// The number.
    public let rawValue: UInt16
    /// A name by its number.
    @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

/// Gives names their numbers: a hash table with open addressing over the names' bytes.
///
/// No input makes it slow: after `probes` names that fall on one place, or `limit` names in all, a new name gets the
/// number of the empty name; so does one of more than `longest` bytes.
struct NameTable {
    private struct Entry {
        /// The first eight bytes, zero where there are fewer.
        var prefix: UInt64
        var hash: UInt32
        /// Where the name is in `bytes`.
        var start: Int32
        var count: Int32
    }

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []
    private var slots: [UInt16]
    private let unnamed: UInt16
    private static let limit = 20_000
    private static let probes = 64
    private static let longest = 1024
    private static let empty = UInt16.max

    init(_ known: StaticString) {
        slots = [UInt16](repeating: Self.empty, count: 1024)
        let names = String(describing: known).split(whereSeparator: { $0 == " " || $0 == "\n" })
        unnamed = UInt16(names.count)
        for name in names { _ = number(of: String(name)) }
        _ = number(of: "")
    }

    static let tags = NameTable(TagName.known)
    static let attributes = NameTable(AttributeName.known)

    /// A name by its number.
    func name(_ number: UInt16) -> String { withName(number) { String(decoding: $0, as: UTF8.self) } }

    /// The bytes of a name.
    @inline(__always) func withName<Result>(_ number: UInt16, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result
    {
        let entry = entries[Int(number)]
        return bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[Int(entry.start)..<Int(entry.start + entry.count)]))
        }
    }

    mutating func number(of name: String) -> UInt16 { number(of: Array(name.utf8)) }

    mutating func number(of name: [UInt8]) -> UInt16 {
        name.withUnsafeBufferPointer { name in
            var prefix: UInt64 = 0
            for index in 0..<min(name.count, 8) { prefix |= UInt64(name[index]) << UInt64(8 * index) }
            return number(of: name, prefix: prefix)
        }
    }

    /// - Parameter prefix: the first eight bytes of the name, the first one lowest.
    mutating func number(of name: UnsafeBufferPointer<UInt8>, prefix: UInt64) -> UInt16 {
        guard name.count <= Self.longest else { return unnamed }
        var mixed = (prefix ^ UInt64(name.count)) &* 0x9E37_79B9_7F4A_7C15
        if name.count > 8 {
            for index in 8..<min(name.count, 64) { mixed = (mixed ^ UInt64(name[index])) &* 0x100_0000_01B3 }
            mixed &*= 0x9E37_79B9_7F4A_7C15
        }
        let hash = UInt32(truncatingIfNeeded: mixed >> 32)
        var slot = Int(hash) & (slots.count - 1)
        for _ in 0..<Self.probes {
            let candidate = slots[slot]
            if candidate == Self.empty { return add(name, prefix, hash, slot) }
            let entry = entries[Int(candidate)]
            if entry.prefix == prefix, Int(entry.count) == name.count, name.count <= 8 || isRest(of: name, entry) {
                return candidate
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return unnamed
    }

    private func isRest(of name: UnsafeBufferPointer<UInt8>, _ entry: Entry) -> Bool {
        let start = Int(entry.start)
        return bytes[start + 8..<start + Int(entry.count)].elementsEqual(name[8...])
    }

    private mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ prefix: UInt64, _ hash: UInt32, _ slot: Int)
        -> UInt16
    {
        guard entries.count < Self.limit else { return unnamed }
        let number = UInt16(truncatingIfNeeded: entries.count)
        entries.append(
            Entry(
                prefix: prefix, hash: hash, start: Int32(truncatingIfNeeded: bytes.count),
                count: Int32(truncatingIfNeeded: name.count)))
        bytes.append(contentsOf: name)
        slots[slot] = number
        if entries.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        slots = [UInt16](repeating: Self.empty, count: slots.count * 2)
        for (number, entry) in entries.enumerated() {
            var slot = Int(entry.hash) & (slots.count - 1)
            while slots[slot] != Self.empty { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt16(truncatingIfNeeded: number)
        }
    }
}
