import Testing

@testable import Normalisation

@Suite struct PlainAddressTests {
    /// The sets of bytes stand in the source as numbers.
    @Test func setsAreThoseOfPercentEncoding() {
        let path = Encoded.path
        let query = Encoded.query
        for byte in UInt8.min...UInt8.max {
            let isPlain = byte != UInt8(ascii: "%")
            #expect(PlainAddress.query.contains(byte) == (isPlain && query[Int(byte)]), "\(byte)")
            #expect(
                PlainAddress.path.contains(byte) == (isPlain && byte != UInt8(ascii: ".") && path[Int(byte)]), "\(byte)"
            )
        }
    }

    /// Any byte at any place of eight: an address is plain exactly where taking it apart changes nothing.
    @Test func plainAddressesAreThoseThatDoNotChange() {
        let start = "https://example.com/letters-and/digits"
        for byte in UInt8(0x21)...0x7E {
            for place in 0..<9 {
                var bytes = Array("\(start)abcdefgh/ijklmnopq".utf8)
                bytes[start.utf8.count + place] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                guard let plain = PlainAddress.normal(text, isCanonical: false) else { continue }
                #expect(plain == Address(text)?.text, "\(text)")
            }
            let letter = "\(start)abcdefgh/ijkl\(UnicodeScalar(byte | 0x20))"
            if (0x61...0x7A).contains(byte | 0x20) {
                #expect(PlainAddress.normal(letter, isCanonical: false) == letter, "\(letter)")
            }
        }
        #expect(PlainAddress.normal("\(start)äbcdefgh", isCanonical: false) == nil)
    }

    /// Any byte at any place of an address of any length: where it is plain, taking it apart gives the same.
    @Test(arguments: ["https://mill.example/", "http://a.b/news/", "https://mill-1.example/a-b/c?d=e"])
    func plainAddressesAreTheSameWhenTakenApart(start: String) {
        for length in 0..<10 {
            let address = Array((start + "n0-tes/x9Zabc".prefix(length)).utf8)
            for place in address.indices {
                for byte in UInt8(0x01)...0x7F {
                    var bytes = address
                    bytes[place] = byte
                    let text = String(decoding: bytes, as: UTF8.self)
                    let plain = PlainAddress.normal(text, isCanonical: false)
                    bytes.withUnsafeBufferPointer { bytes in
                        #expect(PlainAddress.isNormal(written: bytes) == (plain != nil && byte != 0x26), "\(text)")
                        let isSame = PlainAddress.normal(text, isCanonical: true) == text
                        #expect(PlainAddress.isCanonical(bytes) == (isSame && !text.contains("?")), "\(text)")
                    }
                    guard let plain else { continue }
                    #expect(plain == Address(text)?.text, "\(text)")
                }
            }
            #expect(PlainAddress.normal(start, isCanonical: false) == start)
        }
    }
}
