/// Sixteen bytes that name a document; written as 32 hexadecimal digits.
///
/// The normaliser makes it from the source's name and the best key that the thing itself has: the feed's id, else the
/// canonical URL, else the file's path and part.
public struct DocumentID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public var high: UInt64
    /// The last eight bytes, big-endian.
    public var low: UInt64

    /// Makes an id from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Takes the first sixteen bytes of a digest.
    public init(truncating hash: ContentHash) {
        high = hash.words.0
        low = hash.words.1
    }

    /// Reads 32 hexadecimal digits.
    public init?(_ text: String) {
        var bytes = Array(text.utf8)
        guard bytes.count == 32, let words = hexadecimalWords(&bytes) else { return nil }
        (high, low) = (words[0], words[1])
    }

    /// 32 hexadecimal digits.
    public var description: String { hexadecimal([high, low]) }

    /// Orders as the bytes do.
    public static func < (left: DocumentID, right: DocumentID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// A SHA-256 digest; written as 64 hexadecimal digits.
public struct ContentHash: Sendable, Hashable, CustomStringConvertible {
    /// The digest as four big-endian words.
    public var words: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a digest from its words.
    public init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Makes a digest from exactly 32 bytes.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        func word(_ number: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: number * 8, as: UInt64.self))
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// The digest as 32 bytes.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for (number, word) in [words.0, words.1, words.2, words.3].enumerated() {
                raw.storeBytes(of: word.bigEndian, toByteOffset: number * 8, as: UInt64.self)
            }
            count = 32
        }
    }

    /// Reads 64 hexadecimal digits.
    public init?(_ text: String) {
        var bytes = Array(text.utf8)
        guard bytes.count == 64, let words = hexadecimalWords(&bytes) else { return nil }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// 64 hexadecimal digits.
    public var description: String { hexadecimal([words.0, words.1, words.2, words.3]) }

    /// Equal when every bit is.
    public static func == (left: ContentHash, right: ContentHash) -> Bool { left.words == right.words }

    /// Hashes the first word, which is as good as random.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

private func hexadecimal(_ words: [UInt64]) -> String {
    String(unsafeUninitializedCapacity: words.count * 16) { buffer in
        var place = 0
        for word in words {
            for shift in stride(from: 60, through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
                buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                place += 1
            }
        }
        return place
    }
}

private func hexadecimalWords(_ bytes: inout [UInt8]) -> [UInt64]? {
    var words = [UInt64](repeating: 0, count: bytes.count / 16)
    for (index, byte) in bytes.enumerated() {
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
        default: return nil
        }
        words[index / 16] = words[index / 16] << 4 | UInt64(digit)
    }
    return words
}
