import JSON
import TestSupport
import Testing

/// The canonical form, and that what is written is read again.
@Suite struct JSONWriterTests {
    @Test func membersAreSortedAndNothingIsEscapedWithoutNeed() {
        let value: JSONValue = [
            "b": [1, 2.5, nil], "a": ["z": true, "é": "/ é 😀 \u{2028}"], "": "\"\\\n\r\t\u{1}\u{1F}\u{7F}",
        ]
        #expect(
            value.description
                == #"{"":"\"\\\n\r\t\u0001\u001f\#u{7F}","a":{"z":true,"é":"/ é 😀 \#u{2028}"},"b":[1,2.5,null]}"#)
        #expect(JSONValue.object([:]).description == "{}")
        #expect(JSONValue.array([]).description == "[]")
    }

    @Test func integersOfEveryWidth() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.integer(Int64.min)
        writer.integer(Int64.max)
        writer.integer(UInt64.max)
        writer.integer(Int8.min)
        writer.integer(0)
        writer.endArray()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "[-9223372036854775808,9223372036854775807,18446744073709551615,-128,0]")
    }

    @Test func numbersThatJSONCanNotHoldAreNull() {
        for value in [Double.infinity, -.infinity, .nan, .signalingNaN] {
            #expect(JSONValue.number(value).description == "null")
        }
    }

    @Test func everyNumberComesBack() throws {
        var generator = SeededGenerator(seed: 1)
        let edges: [Double] = [
            0.1, -0.0, 1e16, 1e15, 123_456_789_012_345_680, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi, 1e21,
            1e-7, 2.5e-5,
        ]
        let random = (0..<5000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        for value in edges + random {
            let read = try JSONValue.parse(JSONValue.number(value).encoded)
            #expect(read.number?.bitPattern == value.bitPattern || value == 0 && read.number == 0)
        }
        for _ in 0..<2000 {
            let value = Int64(bitPattern: generator.next())
            #expect(try JSONValue.parse(JSONValue.integer(value).encoded) == .integer(value))
        }
    }

    @Test func everyTreeComesBackAndGivesTheSameBytes() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<2000 {
            let tree = generator.tree(depth: 5)
            let bytes = tree.encoded
            let read = try JSONValue.parse(bytes)
            #expect(read == tree)
            #expect(read.encoded == bytes)
        }
    }

    @Test func everyCharacterComesBack() throws {
        for value in UInt32(0)...0x2FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a" + String(Character(scalar)) + "b"
            let read = try #require(try JSONValue.parse(JSONValue.string(text).encoded).string)
            #expect(Array(read.unicodeScalars) == Array(text.unicodeScalars))
        }
    }

    /// What must be escaped, at every place of texts of every length up to several blocks, and often.
    @Test func escapesAtEveryPlace() {
        func expected(_ text: [UInt8]) -> [UInt8] {
            text.flatMap { byte -> [UInt8] in
                switch byte {
                case 0x22, 0x5C: [0x5C, byte]
                case 0x0A: Array("\\n".utf8)
                case 0x1F: Array("\\u001f".utf8)
                default: [byte]
                }
            }
        }
        func check(_ text: [UInt8]) {
            var writer = JSONWriter(capacity: 0)
            writer.beginObject()
            text.withUnsafeBufferPointer { writer.member("a-name-of-more-bytes", utf8: $0) }
            writer.member("b", String(decoding: text, as: UTF8.self))
            writer.endObject()
            let value = [0x22] + expected(text) + [0x22]
            let whole =
                Array("{\"a-name-of-more-bytes\":".utf8) + value + Array(",\"b\":".utf8) + value + Array("}".utf8)
            #expect(writer.bytes == whole, "\(text)")
        }
        for length in 0..<70 {
            let plain = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            check(plain)
            for place in 0..<length {
                for byte: UInt8 in [0x0A, 0x1F, 0x22, 0x5C, 0x20, 0x21, 0x23, 0x7F] {
                    var text = plain
                    text[place] = byte
                    check(text)
                    text[length - 1] = 0x22
                    check(text)
                }
            }
            check([UInt8](repeating: 0x1F, count: length * 10))
        }
    }

    @Test func packedTextsAreWrittenInTheirOrder() {
        var texts = PackedTexts()
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("none", texts)
        for text in ["a", "a", "b\"", "", "", "a"] { Array(text.utf8).withUnsafeBufferPointer { texts.append($0) } }
        writer.member("some", texts)
        writer.endObject()
        #expect(texts.count == 4)
        #expect(texts.strings == ["a", "b\"", "", "a"])
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"some":["a","b\"","","a"]}"#)
        texts.removeAll()
        #expect(texts.isEmpty && texts == PackedTexts())
    }

    @Test func readyMadeMembersAndHexadecimalDigits() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.members(raw: [])
        writer.members(raw: Array(#""a":1,"b":"x""#.utf8))
        writer.key("c")
        writer.hexadecimal((0x0123_4567_89AB_CDEF, 0xF0))
        Array("ü".utf8).withUnsafeBufferPointer { writer.member("d", plain: $0) }
        writer.key("e")
        writer.hexadecimal((0, 1, .max, 0xA << 60))
        writer.members(raw: Array(#""f":null"#.utf8))
        writer.endObject()
        let digits = "0000000000000000" + "0000000000000001" + "ffffffffffffffff" + "a000000000000000"
        let expected = #"{"a":1,"b":"x","c":"0123456789abcdef00000000000000f0","d":"ü","e":"\#(digits)","f":null}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test func membersWithoutAValueAreLeftOut() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", nil as String?)
        writer.member("b", 1)
        writer.member("c", nil as Bool?)
        writer.member("d", nil as Int?)
        writer.key(any: "e\"")
        writer.raw(Array("[ ]".utf8))
        writer.member("f", false)
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"b":1,"e\"":[ ],"f":false}"#)
        writer.removeAll()
        writer.null()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "null")
    }

    /// Broken text never ends the program: it is either refused or read to a tree that is written and read again.
    @Test func mutatedTextsAreReadOrRefused() throws {
        var generator = SeededGenerator(seed: 3)
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = generator.tree(depth: 4).encoded
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = generator.byte()
                case 1: bytes.remove(at: place)
                case 2: bytes.removeSubrange(place...)
                default: bytes.insert(Array("\"\\{}[],:u0e-".utf8).randomElement(using: &generator) ?? 0, at: place)
                }
            }
            guard let tree = try? JSONValue.parse(bytes) else { continue }
            taken += 1
            #expect(try JSONValue.parse(tree.encoded) == tree)
        }
        #expect(taken > 100)
    }
}

extension SeededGenerator {
    mutating func text() -> String {
        let pieces = ["a", "\"", "\\", "\n", "é", "😀", "\0", "\u{7F}", "</script>", " "]
        return (0..<Int.random(in: 0...6, using: &self)).map { _ in
            pieces[Int.random(in: 0..<pieces.count, using: &self)]
        }.joined()
    }

    mutating func tree(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .integer(Int64(bitPattern: next()) >> Int64.random(in: 0..<64, using: &self))
        case 3: return .number(Double.random(in: -1e6...1e6, using: &self) + 0.125)
        case 4: return .string(text())
        case 5: return .array((0..<Int.random(in: 0...4, using: &self)).map { _ in tree(depth: depth - 1) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0...4, using: &self) { members[text()] = tree(depth: depth - 1) }
            return .object(members)
        }
    }
}
