import Glibc
import JSON
import TestSupport
import Testing

@testable import HTML

/// The tokenizer tests of html5lib, from the shared corpus, where it is there.
@Suite struct TokenizerTests {
    /// Left out: `xmlViolation.test`, whose four expect what an XML parser could take, and tests about lone surrogates,
    /// which UTF-8 can not hold.
    @Test(
        .enabled(
            if: Corpus.directory != nil, "no corpus: set MILLRACE_CORPUS or put ../shared/corpus beside the checkout"))
    func html5lib() throws {
        let directory = try #require(Corpus.directory) + "/html5lib/tokenizer"
        var passed = 0
        var leftOut = 0
        var failed: [String] = []
        for file in Corpus.files(directory) where file.hasSuffix(".test") {
            let content = try JSONValue.parse(Corpus.bytes("\(directory)/\(file)"))
            leftOut += content["xmlViolationTests"]?.array?.count ?? 0
            for entry in content["tests"]?.array ?? [] {
                guard let test = TokenizerTest(entry) else {
                    leftOut += 1
                    continue
                }
                if let fault = test.fault() {
                    failed.append("\(file) '\(entry["description"]?.string ?? "")': \(fault)")
                } else {
                    passed += 1
                }
            }
        }
        for line in failed.prefix(Int(getenv("MILLRACE_SHOW").map { String(cString: $0) } ?? "0") ?? 0) {
            print("FAILED", line)
        }
        print("tokenizer: \(passed) of \(passed + failed.count), \(leftOut) left out")
        #expect(passed > 6000)
        #expect(Double(failed.count) <= 0.005 * Double(passed))
    }

    /// What makes no token may come as often as it likes.
    @Test func piecesWithoutATokenDoNotPileUp() {
        let pieces = String(repeating: "</>", count: 300_000)
        #expect(HTMLParser.parse(Array((pieces + "text").utf8)).nodes.count < 10)
        let sections = "<svg>" + String(repeating: "<![CDATA[]]>", count: 300_000)
        #expect(HTMLParser.parse(Array((sections + "text").utf8)).nodes.count < 10)
    }

    /// Any bytes give tokens until the end, and each token moves on.
    @Test func randomMarkupEnds() {
        var generator = SeededGenerator(seed: 5)
        let pieces = [
            "<", ">", "/", "!", "-", "--", "=", "\"", "'", "&", "&#x", "&amp", ";", "\0", " ", "\n", "a", "script",
            "[CDATA[",
            "]]>", "doctype", "public", "é", "<!--", "-->", "</script>", "<svg>", "<math>", "<table>", "<select>", "?",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &generator)]
            }.joined()
            var bytes = Array(text.utf8)
            if !bytes.isEmpty { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = generator.byte() }
            let document = HTMLParser.parse(bytes)
            // Each byte can make at most a few nodes.
            #expect(document.nodes.count <= 8 * bytes.count + 16)
        }
    }
}

/// One test of a `.test` file.
struct TokenizerTest {
    var input: String
    var expected: [JSONValue]
    var modes: [Tokenizer.Mode]
    var lastStartTag: String?

    /// Nil for a test that can not be said in UTF-8.
    init?(_ entry: JSONValue) {
        guard let text = entry["input"]?.string, let output = entry["output"]?.array else { return nil }
        var input = text
        var expected = output
        if entry["doubleEscaped"]?.bool == true {
            guard let plain = Self.unescaped(.string(text))?.string, let tokens = Self.unescaped(.array(output))?.array
            else { return nil }
            (input, expected) = (plain, tokens)
        }
        self.input = input
        self.expected = Self.joined(expected)
        lastStartTag = entry["lastStartTag"]?.string
        modes = (entry["initialStates"]?.array ?? ["Data state"]).compactMap { state in
            switch state.string {
            case "Data state": .data
            case "RCDATA state": .rcdata
            case "RAWTEXT state": .rawtext
            case "Script data state": .scriptData
            case "PLAINTEXT state": .plaintext
            case "CDATA section state": .cdata
            default: nil
            }
        }
    }

    /// What differs in some initial state; nil when nothing does.
    func fault() -> String? {
        for mode in modes {
            let found = Self.joined(tokens(mode))
            // By their bytes: to String, the Ångström sign is the same as the letter.
            if found.map(\.encoded) != expected.map(\.encoded) { return "\(mode): \(found) instead of \(expected)" }
        }
        return modes.isEmpty ? "no known state" : nil
    }

    private func tokens(_ mode: Tokenizer.Mode) -> [JSONValue] {
        let input = HTMLParser.normalised(Array(input.utf8))
        var tree = HTMLTree(input: input)
        var found: [JSONValue] = []
        input.withUnsafeBufferPointer { buffer in
            var tokenizer = Tokenizer(buffer, limits: HTMLLimits())
            tokenizer.mode = mode
            if let lastStartTag { tokenizer.lastStartTag = TagName(tree.tagNames.number(of: lastStartTag)) }
            var token = Token()
            while true {
                tokenizer.next(&token, &tree)
                if token.kind == .end { return }
                found.append(Self.describe(token, tree))
            }
        }
        return found
    }

    private static func describe(_ token: Token, _ tree: HTMLTree) -> JSONValue {
        let text = JSONValue.string(tree.string(token.text))
        switch token.kind {
        case .characters: return ["Character", text]
        case .comment: return ["Comment", text]
        case .endTag: return ["EndTag", .string(tree.tagNames.name(token.tag.rawValue))]
        case .doctype:
            let name = token.hasName ? text : .null
            return [
                "DOCTYPE", name, token.publicID.map { .string(tree.string($0)) } ?? .null,
                token.systemID.map { .string(tree.string($0)) } ?? .null, .bool(!token.forcesQuirks),
            ]
        case .startTag:
            var attributes: [String: JSONValue] = [:]
            for attribute in tree.attributes[token.attributes] {
                attributes[tree.attributeNames.name(attribute.name.rawValue)] = .string(tree.string(attribute.value))
            }
            let tag: [JSONValue] = ["StartTag", .string(tree.tagNames.name(token.tag.rawValue)), .object(attributes)]
            return .array(token.isSelfClosing ? tag + [true] : tag)
        case .end: return .null
        }
    }

    /// Neighbouring characters as one token, as the tests have them.
    private static func joined(_ tokens: [JSONValue]) -> [JSONValue] {
        var result: [JSONValue] = []
        for token in tokens {
            if token[0] == "Character", let last = result.last, last[0] == "Character" {
                result[result.count - 1] = ["Character", .string((last[1]?.string ?? "") + (token[1]?.string ?? ""))]
            } else {
                result.append(token)
            }
        }
        return result
    }

    /// Resolves `\uXXXX` once more; nil for a surrogate.
    private static func unescaped(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .string(let text):
            var rest = Substring(text)
            var result = ""
            while let place = rest.firstRange(of: "\\u") {
                result += rest[..<place.lowerBound]
                let digits = rest[place.upperBound...].prefix(4)
                guard let number = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(number) else { return nil }
                result.unicodeScalars.append(scalar)
                rest = rest[place.upperBound...].dropFirst(4)
            }
            return .string(result + rest)
        case .array(let elements):
            let all = elements.compactMap(unescaped)
            return all.count == elements.count ? .array(all) : nil
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, member) in members {
                guard let key = unescaped(.string(name))?.string, let plain = unescaped(member) else { return nil }
                result[key] = plain
            }
            return .object(result)
        default: return value
        }
    }
}
