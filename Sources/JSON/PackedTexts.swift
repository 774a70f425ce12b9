import Glibc

/// Several texts, one behind the other in one buffer, so that none of them has to be allocated. Each is well-formed UTF-8.
public struct PackedTexts: Sendable, Equatable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// No texts.
    public init() {}

    /// Texts that there are.
    public var count: Int { ends.count }

    /// Whether there are none.
    public var isEmpty: Bool { ends.isEmpty }

    /// Drops all texts and keeps the room.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// Appends a text, unless it is the same as the last one.
    public mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        let start = ends.count > 1 ? ends[ends.count - 2] : 0
        if !ends.isEmpty, bytes.count - start == text.count {
            let isSame = bytes.withUnsafeBufferPointer { bytes in
                guard let last = bytes.baseAddress, let text = text.baseAddress else { return true }
                // In bounds: both have as many bytes.
                return memcmp(last + start, text, bytes.count - start) == 0
            }
            if isSame { return }
        }
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }

    /// Hands the texts to `take` in their order.
    public func forEach(_ take: (UnsafeBufferPointer<UInt8>) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            for end in ends {
                take(UnsafeBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
        }
    }

    /// Each text as a string.
    public var strings: [String] {
        var strings: [String] = []
        forEach { strings.append(String(decoding: $0, as: UTF8.self)) }
        return strings
    }
}
