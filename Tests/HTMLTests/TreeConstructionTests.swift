import Glibc
import HTML
import Testing

/// The tree-construction tests of html5lib, from the shared corpus, where it is there.
@Suite struct TreeConstructionTests {
    @Test(
        .enabled(
            if: Corpus.directory != nil, "no corpus: set MILLRACE_CORPUS or put ../shared/corpus beside the checkout"))
    func html5lib() throws {
        let directory = try #require(Corpus.directory) + "/html5lib/tree-construction"
        var passed = 0
        var failed: [String] = []
        for file in Corpus.files(directory) where file.hasSuffix(".dat") {
            for (number, test) in TreeTest.all(in: Corpus.read("\(directory)/\(file)")).enumerated()
            where !test.isScriptingOn {
                if test.outcome == test.expected {
                    passed += 1
                } else {
                    failed.append("\(file) \(number): \(test.data.prefix(60))")
                }
            }
        }
        let share = Double(passed) / Double(max(passed + failed.count, 1))
        for line in failed.prefix(Int(getenv("MILLRACE_SHOW").map { String(cString: $0) } ?? "0") ?? 0) {
            print("FAILED", line)
        }
        print("tree construction: \(passed) of \(passed + failed.count), \(share)")
        #expect(share >= 0.995)
    }

    @Test func brokenMarkupBecomesTheTreeOfTheStandard() {
        func tree(_ text: String) -> String { TreeTest.dump(HTMLParser.parse(Array(text.utf8))) }
        #expect(
            tree("<p>one<b>two<p>three").hasSuffix(
                """
                |   <body>
                |     <p>
                |       "one"
                |       <b>
                |         "two"
                |     <p>
                |       <b>
                |         "three"
                """))
        #expect(
            tree("<table><tr><td>in</td>out</table>").hasSuffix(
                """
                |   <body>
                |     "out"
                |     <table>
                |       <tbody>
                |         <tr>
                |           <td>
                |             "in"
                """))
        #expect(tree("a &amp; b &copy c &#x41; &nosuch;").hasSuffix("\"a & b © c A &nosuch;\""))
    }

    @Test func deepAndEndlessInputsEnd() {
        let deep = HTMLParser.parse(Array(String(repeating: "<div>", count: 100_000).utf8))
        #expect(deep.nodes.count > 100_000)
        let formatting = (0..<20_000).map { "<b id=\($0)>x<p>" }.joined()
        _ = HTMLParser.parse(Array(formatting.utf8))
        _ = HTMLParser.parse(Array(("<!--" + String(repeating: "-", count: 1_000_000)).utf8))
        _ = HTMLParser.parse(Array(("<a href=\"" + String(repeating: "x&", count: 1_000_000)).utf8))
        _ = HTMLParser.parse(Array(("<script>" + String(repeating: "<!--<script", count: 200_000)).utf8))
    }
}

/// One test of a `.dat` file.
struct TreeTest {
    var data = ""
    var fragment: String?
    var expected = ""
    var isScriptingOn = false

    static func all(in text: String) -> [TreeTest] {
        var tests: [TreeTest] = []
        var section = ""
        var test = TreeTest()
        var lines: [Substring] = []
        func close() {
            let body = lines.joined(separator: "\n")
            switch section {
            case "#data": test.data = body
            case "#document": test.expected = body
            case "#document-fragment": test.fragment = body
            case "#script-on": test.isScriptingOn = true
            default: break
            }
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if ["#data", "#errors", "#new-errors", "#document", "#document-fragment", "#script-on", "#script-off"]
                .contains(line)
            {
                if line == "#data", section != "" {
                    if lines.last == "" { lines.removeLast() }
                    close()
                    tests.append(test)
                    test = TreeTest()
                    section = ""
                } else {
                    close()
                }
                section = String(line)
            } else {
                lines.append(line)
            }
        }
        while lines.last == "" { lines.removeLast() }
        close()
        tests.append(test)
        return tests
    }

    var outcome: String {
        guard let fragment else { return Self.dump(HTMLParser.parse(Array(data.utf8))) }
        let words = fragment.split(separator: " ")
        let namespace: HTMLDocument.Namespace = words.count < 2 ? .html : words[0] == "svg" ? .svg : .mathML
        let document = HTMLParser.parseFragment(
            Array(data.utf8), inside: String(words.last ?? "div"), namespace: namespace)
        return Self.dump(document, root: 1)
    }

    static func dump(_ document: HTMLDocument, root: HTMLDocument.NodeIndex = 0) -> String {
        var lines: [String] = []
        func walk(_ parent: HTMLDocument.NodeIndex, _ depth: Int) {
            var node = document.nodes[Int(parent)].firstChild
            while node != HTMLDocument.none {
                write(node, depth)
                node = document.nodes[Int(node)].nextSibling
            }
        }
        func write(_ node: HTMLDocument.NodeIndex, _ depth: Int) {
            let entry = document.nodes[Int(node)]
            let indent = "| " + String(repeating: "  ", count: depth)
            switch entry.kind {
            case .text: lines.append("\(indent)\"\(document.string(entry.text))\"")
            case .comment: lines.append("\(indent)<!-- \(document.string(entry.text)) -->")
            case .doctype: lines.append("\(indent)<!DOCTYPE \(document.doctypeDescription(node))>")
            case .element:
                let prefix = entry.namespace == .svg ? "svg " : entry.namespace == .mathML ? "math " : ""
                lines.append("\(indent)<\(prefix)\(document.name(of: entry.tag))>")
                let foreign = [
                    "xlink:actuate", "xlink:arcrole", "xlink:href", "xlink:role", "xlink:show", "xlink:title",
                    "xlink:type", "xml:lang", "xml:space", "xmlns:xlink",
                ]
                let attributes = document.attributes(of: node).map { attribute -> (String, String) in
                    var name = document.name(of: attribute.name)
                    if entry.namespace != .html, foreign.contains(name) { name = name.replacing(":", with: " ") }
                    return (name, document.string(attribute.value))
                }
                for (name, value) in attributes.sorted(by: {
                    Array($0.0.utf16).lexicographicallyPrecedes(Array($1.0.utf16))
                }) {
                    lines.append("\(indent)  \(name)=\"\(value)\"")
                }
                if let content = document.templateContent(of: node) {
                    lines.append("\(indent)  content")
                    walk(content, depth + 2)
                }
                walk(node, depth + 1)
            case .document, .fragment: break
            }
        }
        walk(root, 0)
        return lines.joined(separator: "\n")
    }
}

/// The shared corpus.
enum Corpus {
    static let directory: String? = {
        let candidates = [getenv("MILLRACE_CORPUS").map { String(cString: $0) }, "../shared/corpus"]
        return candidates.compactMap { $0 }.first { access("\($0)/README.md", R_OK) == 0 }
    }()

    static func files(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }

    static func read(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

    static func bytes(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return all }
            all += chunk[..<count]
        }
    }
}
