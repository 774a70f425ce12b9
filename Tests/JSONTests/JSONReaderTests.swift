import Testing

@testable import JSON

/// What the reader takes, and what it refuses and where.
@Suite struct JSONReaderTests {
    private func fault(_ text: String) -> JSONError? { fault(Array(text.utf8)) }

    private func fault(_ bytes: [UInt8]) -> JSONError? {
        do {
            _ = try JSONValue.parse(bytes)
            return nil
        } catch { return error }
    }

    // MARK: Numbers

    @Test func numbersAtTheEdges() throws {
        #expect(try JSONValue.parse("9223372036854775807") == .integer(.max))
        #expect(try JSONValue.parse("-9223372036854775808") == .integer(.min))
        #expect(try JSONValue.parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
        #expect(try JSONValue.parse("-9223372036854775809") == .number(-9_223_372_036_854_775_808))
        #expect(try JSONValue.parse("18446744073709551615").integer == nil)
        #expect(try JSONValue.parse("0") == .integer(0))
        #expect(try JSONValue.parse("-0.0").number?.sign == .minus)
        #expect(try JSONValue.parse("1e2").integer == 100)
        #expect(try JSONValue.parse("1.5").integer == nil)
        #expect(try JSONValue.parse("1.7976931348623157e308") == .number(.greatestFiniteMagnitude))
        #expect(try JSONValue.parse("5e-324") == .number(.leastNonzeroMagnitude))
        #expect(try JSONValue.parse("1e-400") == .number(0))
        #expect(try JSONValue.parse("0.1") == .number(0.1))
    }

    @Test(arguments: [
        "1e400", "-1e400", "01", "-", "-a", "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "1_000", "NaN", "Infinity",
        "-Infinity", "1 2", "--1", "٣",
    ])
    func whatIsNoNumber(_ text: String) { #expect(fault(text) != nil) }

    @Test func numbersOfManyDigitsAreRead() throws {
        let digits = String(repeating: "7", count: 200_000)
        #expect(fault(digits) == JSONError("a number out of range", offset: 0))
        #expect(try JSONValue.parse("0." + digits).number == 0.7777777777777778)
        #expect(try JSONValue.parse(digits + "e-200000").number == 0.7777777777777778)
    }

    @Test func integersAreExactWhereTheyFit() throws {
        var reader: [Int64?] = []
        for text in ["12", "1.0", "9223372036854775808", "\"1\"", "true"] {
            let bytes = Array(text.utf8)
            reader.append(
                bytes.withUnsafeBufferPointer { buffer in
                    var reader = JSONReader(buffer)
                    return try? reader.readInteger()
                })
        }
        #expect(reader == [12, nil, nil, nil, nil])
    }

    // MARK: Strings

    @Test func escapesAreResolved() throws {
        #expect(try JSONValue.parse(#""\"\\\/\b\f\n\r\t""#).string == "\"\\/\u{8}\u{C}\n\r\t")
        #expect(try JSONValue.parse(#""\u0041\u00e9\u20AC\u0000""#).string == "Aé€\0")
        #expect(try JSONValue.parse(#""\uD83D\uDE00 \ud83d\ude00""#).string == "😀 😀")
        #expect(try JSONValue.parse(#""\uDBFF\uDFFF""#).string == "\u{10FFFF}")
    }

    @Test func loneSurrogatesAreReplaced() throws {
        #expect(try JSONValue.parse(#""\uD83D""#).string == "\u{FFFD}")
        #expect(try JSONValue.parse(#""\uDE00x""#).string == "\u{FFFD}x")
        #expect(try JSONValue.parse(#""\uD83D\u0041""#).string == "\u{FFFD}A")
        #expect(try JSONValue.parse(#""\uD83D\uD83D\uDE00""#).string == "\u{FFFD}😀")
        #expect(try JSONValue.parse(#""\uDE00\uD83D""#).string == "\u{FFFD}\u{FFFD}")
    }

    @Test(arguments: [
        (#""\q""#, 1), (#""\u12""#, 1), (#""\u12G4""#, 1), (#""a\u+123""#, 2), (#""\U0041""#, 1), (#""\x41""#, 1),
        (#""\'""#, 1), ("\"\\\n\"", 1), ("\"a\nb\"", 2), ("\"\u{1F}\"", 1), ("\"\0\"", 1),
    ])
    func whatIsNoString(_ text: String, _ offset: Int) { #expect(fault(text)?.offset == offset) }

    @Test(arguments: [#"""#, #""abc"#, #""\"#, #""\""#, #""\u"#, #""\u004"#, #"{"a":"b}"#])
    func stringsThatNeverEnd(_ text: String) { #expect(fault(text) != nil) }

    @Test func illFormedUTF8IsReplaced() throws {
        let faulty: [[UInt8]] = [
            [0xFF], [0xC3], [0xE2, 0x82], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        ]
        for bytes in faulty {
            let text = try #require(try JSONValue.parse([0x22, 0x61] + bytes + [0x62, 0x22]).string)
            #expect(text.hasPrefix("a\u{FFFD}") && text.hasSuffix("b"))
            let escaped = try #require(try JSONValue.parse([0x22, 0x5C, 0x6E] + bytes + [0x62, 0x22]).string)
            #expect(escaped.hasPrefix("\n\u{FFFD}") && escaped.hasSuffix("b"))
        }
        // Outside of strings it is no JSON, a byte order mark neither.
        #expect(fault([0x5B, 0xFF, 0x5D])?.offset == 1)
        #expect(fault([0xEF, 0xBB, 0xBF, 0x31])?.offset == 0)
    }

    @Test func rawStringsCompareByTheirBytes() throws {
        let bytes = Array(#"{"name":1,"n\u0061me":2}"#.utf8)
        var equal: [Bool] = []
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var reader = JSONReader(buffer)
            try reader.readObject { name, reader throws(JSONError) in
                equal.append(name == "name")
                try reader.skipValue()
            }
        }
        #expect(equal == [true, false])
    }

    // MARK: Objects, arrays, depth

    @Test func theLastOfDoubledKeysCounts() throws {
        #expect(try JSONValue.parse(#"{"a":1,"b":2,"\u0061":3}"#) == ["a": 3, "b": 2])
    }

    @Test(arguments: [
        "", " ", "[", "]", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
        "{1:1}",
        "{\"a\":1 \"b\":2}", "{\"a\"=1}", "[1]]", "{}{}", "nul", "nulll", "True", "tru", "//c\n1", "[1]x", "'a'",
    ])
    func whatIsNoJSON(_ text: String) { #expect(fault(text) != nil) }

    @Test func whiteSpaceIsAllowedBetweenTokens() throws {
        #expect(
            try JSONValue.parse(" \t\r\n{ \"a\" : [ 1 , null , true , false ] } \n") == ["a": [1, nil, true, false]])
        // Other spaces of Unicode are none of JSON's.
        #expect(fault("\u{A0}1") != nil && fault("\u{C}1") != nil)
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int, _ open: String, _ close: String, _ core: String = "1") -> String {
            String(repeating: open, count: depth) + core + String(repeating: close, count: depth)
        }
        _ = try JSONValue.parse(nested(128, "[", "]"))
        #expect(fault(nested(129, "[", "]"))?.offset == 128)
        _ = try JSONValue.parse(nested(128, "{\"a\":", "}"))
        #expect(fault(nested(129, "{\"a\":", "}"))?.offset == 128 * 5)
        #expect(fault(String(repeating: "[", count: 2_000_000))?.offset == 128)
        // What is skipped is bounded as well, and depth counts what is open, not what was.
        let deep = Array(nested(1000, "[", "]").utf8)
        _ = deep.withUnsafeBufferPointer { buffer in
            #expect(throws: JSONError.self) {
                var reader = JSONReader(buffer)
                try reader.skipValue()
            }
        }
        let wide = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
        #expect(try JSONValue.parse(Array(wide.utf8), maximumDepth: 3).array?.count == 1000)
    }

    @Test func skippingMovesPastExactlyOneValue() throws {
        let values = ["null", "true", "-1.5e3", #""a\"b""#, #"[1,{"a":[]}]"#, #"{"x":{"y":"}"}}"#]
        for value in values {
            let bytes = Array("  \(value) ,".utf8)
            try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
                var reader = JSONReader(buffer)
                let skipped = try reader.skipValue()
                #expect(String(decoding: skipped, as: UTF8.self) == value)
                #expect(reader.offset == 2 + value.utf8.count)
            }
        }
    }
}
