import Configuration
import JSON
import TestSupport
import Testing

/// Texts that nobody would write, except to do harm.
@Suite struct HostileTextTests {
    @Test(arguments: [
        String(repeating: "[", count: 100_000), "a = " + String(repeating: "[", count: 100_000),
        "a = " + String(repeating: "{a=", count: 100_000), "a" + String(repeating: ".a", count: 300_000) + " = 1",
        "[a" + String(repeating: ".a", count: 300_000) + "]", "[[a" + String(repeating: ".a", count: 300_000) + "]]",
        "x = {a" + String(repeating: ".a", count: 300_000) + " = 1}",
        "a" + String(repeating: ".\"a\"", count: 200_000) + " = 1",
        "a" + String(repeating: " . 'a'", count: 100_000) + " = 1",
        "x = \"\"\"\"\"\"\na" + String(repeating: ".a", count: 300_000) + " = 1",
        "x = \"\"\"a\"\"\"\"\"\na" + String(repeating: ".a", count: 300_000) + " = 1",
        "x = '''a''''\na" + String(repeating: ".a", count: 300_000) + " = 1",
        "x = \"\\\"\"\na" + String(repeating: ".a", count: 300_000) + " = 1",
        "x = '\\'\na" + String(repeating: ".a", count: 300_000) + " = 1",
        "# \"\na" + String(repeating: ".a", count: 300_000) + " = 1",
    ])
    func nesting(_ text: String) {
        let found = problems(text)
        #expect(
            found.count == 1 && found.first?.contains("nested too deeply") ?? false, "\(found.map { $0.prefix(200) })")
    }

    @Test func whatOnlyLooksNested() {
        let dots = String(repeating: ".", count: 1000)
        let brackets = String(repeating: "[{", count: 1000)
        let text = """
            # \(dots)\(brackets)
            [source.a]
            plugin = "http"
            a = "\(dots)\(brackets)"
            b = '\(dots)\(brackets)\\'
            c = \"\"\"
            \(dots) \\" ""\(brackets)\"\"\"\"
            d = '''
            \(dots) ' ''\(brackets)''''
            e = [\(Array(repeating: "1.5", count: 500).joined(separator: ", "))]
            f = [
            \(Array(repeating: "[ 1.5 ]", count: 500).joined(separator: ",\n"))
            ]
            \((0..<500).map { "g\($0).x.y.z = 1.5" }.joined(separator: "\n"))
            """
        let (configuration, problems) = resolve(text, [:])
        #expect(problems.isEmpty && configuration.sources.first?.settings.value["b"] == .string(dots + brackets + "\\"))
    }

    @Test(arguments: [
        "a = 99999999999999999999", "a = 0x", "a = \"\\ud800\"", "a = \"\\x\"", "a = 1\u{0}", "\u{0}", "a = 25:61:61",
        "=", "a.b.=1",
        "a = \"\u{7F}\"", "a = 1\rb = 2", "a = inf\na = nan", "[a]\n[a]", "a = [1,", "a = {", "\"\" = 1", "'\n' = 1",
        "\u{FEFF}a = 1",
    ])
    func oddities(_ text: String) { _ = problems(text) }

    /// Where toml++ 3.3 by itself ends the process, or does what the compiler likes.
    @Test(arguments: [
        "[=", "[]", "[[=]]", "a = [1, }", "a = ,", "a = {b = }", "a = é", "a = \u{48F}", "a = [1979-05-27 1]",
        "a = 1979-05-27Tx",
        "é = 1", "a\u{A0}= 1",
    ])
    func assertionsOfTheLibrary(_ text: String) {
        let found = parse("# first\nx = 1\n\(text)\ny = 2\n").problems
        #expect(
            found.count == 1 && found.first?.line == 3 && found.first?.what.hasPrefix("this is no TOML") ?? false,
            "\(found)")
    }

    /// Random changes to a text that uses everything: whatever comes of it, each problem says what, where and what to do.
    @Test(arguments: 0..<4) func mutations(seed: Int) {
        var numbers = SeededGenerator(seed: UInt64(seed))
        let base = Array(
            """
            [daemon]
            workers = 2
            worker_memory = "512 MiB"
            sources = "${HOME}"
            [log]
            sync = "interval"
            [plugin.own]
            command = ["a", 'b']
            environment = { A = "b" }
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = \"\"\"x\"\"\"
            [source.news]
            plugin = "http"
            every = "15m"
            cron = "*/5 * * * *"
            url = "https://example.org/$$"
            max = "3 MiB"
            date = 1979-05-27T07:32:00Z
            headers.Accept = "text/html"
            list = [1, 2.5, true, { x = 0x1F }]
            """.utf8)
        let pieces = [
            "[", "]", "{", "}", "\"", "\"\"\"", "'", "'''", "=", ".", ",", "\n", "\r\n", "#", "${", "$", "\\", "\\u",
            "\u{0}", "é", "-1", "[[sink]]", "[source.x]", "1e999", "nan",
        ]
        .map { Array($0.utf8) }
        let schema: JSONValue = [
            "properties": [
                "url": ["type": "string", "format": "uri"], "max": ["format": "size"], "path": ["format": "path"],
                "headers": ["type": "object"], "list": ["type": "array", "items": ["type": "number"]],
            ]
        ]
        for _ in 0..<2500 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &numbers) {
                let place = Int.random(in: 0..<bytes.count, using: &numbers)
                switch Int.random(in: 0..<5, using: &numbers) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
                case 1: bytes.remove(at: place)
                case 2:
                    if let piece = pieces.randomElement(using: &numbers) { bytes.insert(contentsOf: piece, at: place) }
                case 3:
                    let end = min(place + Int.random(in: 0...40, using: &numbers), bytes.count)
                    bytes.insert(
                        contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0..<bytes.count, using: &numbers))
                default: bytes.removeSubrange(place..<min(place + Int.random(in: 0...20, using: &numbers), bytes.count))
                }
                if bytes.isEmpty { bytes = [0x0A] }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let lines = text.utf8.count { $0 == 0x0A } + 1
            let (configuration, problems) = parse(text).resolved(schemas: ["http": schema, "jsonl": schema])
            for problem in problems {
                #expect(problem.file == "m.toml" && !problem.what.isEmpty && !problem.remedy.isEmpty)
                #expect((0...lines).contains(problem.line), "\(problem)")
            }
            #expect(configuration.sources.allSatisfy { !$0.plugin.isEmpty && !$0.name.isEmpty })
        }
    }
}
