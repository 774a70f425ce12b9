import Testing

@testable import JSON

/// What is read of texts that are meant to be JSON.
@Suite struct JSONRepairTests {
    private static let mended: [(String, String)] = [
        ("{\"a\":\"x\ny\tz\u{1}\"}", #"{"a":"x\ny\tz\u0001"}"#),
        (#"{"a":[1,2,],}"#, #"{"a":[1,2]}"#),
        (#"{"a":[,1,,2],,"b":3}"#, #"{"a":[1,2],"b":3}"#),
        (#"[{"a":1} {"b":2}]"#, #"[{"a":1},{"b":2}]"#),
        ("{\"a\":\"x\"\n\"b\":2\n\"c\":3}", #"{"a":"x","b":2,"c":3}"#),
        (
            #"{"a":NaN,"b":-Infinity,"c":1e999,"d":undefined,"e":01}"#,
            #"{"a":null,"b":null,"c":null,"d":null,"e":null}"#
        ),
        (#"{"a":"it\'s \d \u12"}"#, #"{"a":"it's d u12"}"#),
        (#"{"a":"he said "yes" and left","b":1}"#, #"{"a":"he said \"yes\" and left","b":1}"#),
        (#"{"a":"said "no", then left", b : 2, c:3}"#, #"{"a":"said \"no\", then left","b":2,"c":3}"#),
        (#"["one "two" three", 4]"#, #"["one \"two\" three",4]"#),
        ("{// first\n\"a\":1, /* \"b\":2, */ \"c\":\"//3\"}", #"{"a":1,"c":"//3"}"#),
        (#"{"a":1}} trailing"#, #"{"a":1}"#), (#"callback({"a":1});"#, #"{"a":1}"#),
        (#"{"a":[{"b":"c"#, #"{"a":[{"b":"c"}]}"#), (#"{"a":[1,{"b"#, #"{"a":[1,{"b":null}]}"#),
        (#"{"a":"x\"#, #"{"a":"x"}"#), (#"{"a":"x\u00"#, #"{"a":"xu00"}"#), (#"{"a":tr"#, #"{"a":null}"#),
        (#"{"a":[1,2}"#, #"{"a":[1,2]}"#), (#"[{"a":1]"#, #"[{"a":1}]"#), (#"{"a":1]}"#, #"{"a":1}"#),
        (#"{"a":,"b":2}"#, #"{"a":null,"b":2}"#), (#"{"a"}"#, #"{"a":null}"#), (#"{"a" "b"}"#, #"{"a":"b"}"#),
        (#"{{"a":1}}"#, #"{"":{"a":1}}"#), (#"{a\b:1}"#, #"{"a\\b":1}"#), ("[", "[]"), (#"{"#, "{}"),
    ]

    @Test(arguments: mended) func isMended(_ text: String, _ meant: String) throws {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
        #expect(try JSONValue.recover(Array(text.utf8)) == JSONValue.parse(meant))
    }

    @Test(arguments: ["", "  ", "null x", "\"a", "12,", "<html>"])
    func nothingIsMadeOfNothing(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue.recover(Array(text.utf8)) }
    }

    @Test func nestingIsBounded() {
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(throws: JSONError.self) { try JSONValue.recover(deep, maximumDepth: 64) }
        #expect(throws: Never.self) { try JSONValue.recover(Array(deep.prefix(64)), maximumDepth: 64) }
    }

    /// What is JSON keeps its meaning, also where the mending is not needed.
    @Test func whatIsJSONStaysWhatItIs() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let value = Self.tree(depth: 4, &random)
            let text = value.encoded
            let repaired = try #require(text.withUnsafeBufferPointer { JSONRepair.repaired($0, maximumDepth: 16) })
            #expect(try JSONValue.parse(repaired) == value)
        }
    }

    /// Whatever is done to a text, what comes of it is JSON.
    @Test func whatComesOutIsJSON() throws {
        var random = SystemRandomNumberGenerator()
        let bytes = Array("{}[]\":,\\/*u0 '#".utf8) + [0x0A, 0x00, 0xC3, 0x2D, 0x74]
        for _ in 0..<3000 {
            var text = Self.tree(depth: 4, &random).encoded
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.insert(bytes.randomElement(using: &random) ?? 0, at: place)
                case 1 where place < text.count: text.remove(at: place)
                default: text.removeLast(min(text.count, Int.random(in: 0...3, using: &random)))
                }
            }
            guard let repaired = text.withUnsafeBufferPointer({ JSONRepair.repaired($0, maximumDepth: 16) }) else {
                continue
            }
            #expect(throws: Never.self, "\(String(decoding: text, as: UTF8.self))") { try JSONValue.parse(repaired) }
        }
    }

    private static func tree(depth: Int, _ random: inout SystemRandomNumberGenerator) -> JSONValue {
        switch Int.random(in: depth == 4 ? 0...1 : 0...(depth > 0 ? 6 : 4), using: &random) {
        case 0 where depth > 0:
            return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in tree(depth: depth - 1, &random) })
        case 1 where depth > 0:
            let names = ["a", "b\"", "", "c,d:", "\u{1}e"].shuffled(using: &random)
            var object: [String: JSONValue] = [:]
            for name in names.prefix(Int.random(in: 0...4, using: &random)) {
                object[name] = tree(depth: depth - 1, &random)
            }
            return .object(object)
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .bool(.random(using: &random))
        case 4: return .null
        default:
            return .string(
                ["", "a", "\" ,\"", "\\", "{[", "/* */ //", "line\nfeed", "ü€"].randomElement(using: &random) ?? "")
        }
    }
}
