import Document
import Index

/// Ids and fingerprints of documents that do not exist, the same at every run.
enum SyntheticDocument {
    static func id(_ number: Int) -> DocumentID {
        var random = SeededRandomness(seed: UInt64(number))
        return DocumentID(high: random.next(), low: random.next())
    }

    static func hash(_ id: DocumentID) -> ContentHash {
        ContentHash(words: (id.low, id.high, id.low ^ id.high, 1))
    }

    static func fingerprint(_ number: Int) -> Fingerprint {
        var random = SeededRandomness(seed: UInt64(number) ^ 0xA5A5_A5A5)
        // A copy of a document some way back, with a sixteenth of its sketch changed.
        let isCopy = number % 10 == 9 && number > 1000
        if isCopy { random = SeededRandomness(seed: UInt64(number - 999) ^ 0xA5A5_A5A5) }
        var print = Fingerprint(words: 300)
        for word in 0..<4 {
            let bits = random.next()
            // No group of four bits is 0, which would mean an empty bin.
            print.sketch[word] = bits | ((~bits >> 1 & ~bits >> 2 & ~bits >> 3 & ~bits) & 0x1111_1111_1111_1111)
        }
        for key in 0..<Fingerprint.keyCount {
            let bits = random.next()
            let isPhrase = bits & 3 == 0
            let value = isPhrase ? (bits >> 32) % 10_000 &* 0x9E37_79B9 : bits >> 32
            print.keys[key] = max(1, UInt32(truncatingIfNeeded: value))
        }
        if isCopy { print.sketch[0] ^= 0x1111 }
        return print
    }
}
