/// A title and paragraphs: what pairs of documents are made from.
struct Passage {
    var title: String
    var paragraphs: [String]

    var text: String { paragraphs.joined(separator: "\n\n") }
    var words: Int { paragraphs.reduce(0) { $0 + Self.words($1).count } }

    static func words(_ text: String) -> [Substring] { text.split(separator: " ") }
}

/// Numbers that are the same in every run.
struct SeededRandomness: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
