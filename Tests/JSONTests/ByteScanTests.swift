import Testing

@testable import JSON

@Suite struct ByteScanTests {
    /// The first byte of a kind is found wherever it stands, with whatever behind it, from every place before it.
    @Test(arguments: [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 50])
    func firstByteIsFound(_ length: Int) {
        let plain = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        for place in 0...length {
            for sign: UInt8 in [0x00, 0x1F, 0x22, 0x5C, 0x80, 0xFF] {
                var bytes = plain
                if place < length { bytes[place] = sign }
                // A second hit behind the first one is of no account.
                if place + 1 < length { bytes[length - 1] = sign }
                bytes.withUnsafeBufferPointer { buffer in
                    for start in 0...place {
                        let isASCII = sign < 0x80
                        #expect(ByteScan.endOfPlain(buffer, from: start) == (isASCII ? place : length))
                        #expect(ByteScan.endOfASCII(buffer, from: start) == (isASCII ? length : place))
                    }
                }
            }
        }
    }

    /// What a JSON string can hold as it is, is passed over.
    @Test func otherBytesArePlain() {
        let bytes: [UInt8] = [0x20, 0x21] + (0x23...0x5B) + (0x5D...0xFF)
        for start in bytes.indices {
            bytes.withUnsafeBufferPointer { #expect(ByteScan.endOfPlain($0, from: start) == bytes.count) }
        }
    }
}
