import Charset
import Testing

@Suite struct UTF8ValidationTests {
    /// What is no UTF-8 is found wherever it stands among the bytes that are looked at together.
    @Test func faultsAreFoundAtEveryPlace() {
        let sequences: [(bytes: [UInt8], isValid: Bool)] = [
            ([0x80], false), ([0xC3, 0xA9], true), ([0xC3], false), ([0xC0, 0xAF], false), ([0xE2, 0x80, 0x99], true),
            ([0xE2, 0x80], false), ([0xED, 0xA0, 0x80], false), ([0xF0, 0x9F, 0x98, 0x80], true),
            ([0xF5, 0x80, 0x80, 0x80], false), ([0xC3, 0xA9, 0xE4, 0xB8, 0xAD, 0xFF], false),
        ]
        for (sequence, isValid) in sequences {
            let good = isValid ? sequence.count : sequence.count == 6 ? 5 : 0
            for before in 0..<140 {
                for after in [0, 1, 15, 16, 63, 64, 65] {
                    let bytes =
                        [UInt8](repeating: 0x61, count: before) + sequence + [UInt8](repeating: 0x62, count: after)
                    bytes.withUnsafeBufferPointer { buffer in
                        #expect(UTF8Validation.validPrefix(buffer) == (isValid ? bytes.count : before + good))
                        #expect(!UTF8Validation.isASCII(buffer))
                        #expect(UTF8Validation.isASCII(UnsafeBufferPointer(rebasing: buffer[..<before])))
                    }
                }
            }
        }
    }
}
