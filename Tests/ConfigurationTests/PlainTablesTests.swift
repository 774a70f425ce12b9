import Testing

@testable import Configuration

@Suite struct PlainTablesTests {
    @Test(arguments: [
        "[source.a]\nplugin = \"http\"\nurl = 'https://a.example/?x=1#y'\nevery=\"15m\"\n",
        "# Many\r\n\r\n  [source.b-2] # second\r\n\tpaused = true\r\n[source.a_1]\r\nx = [1, 'two', false]\r\ny = [ ]",
        "[source.z]\n[source.m]\nn = 0\nbig = 999999999999999999\n[source.a]\n\n\n# end",
        "[source.1]\nfalse = false\n1 = 1\n", "[source.\"b.example\"]\nx = 1\n[source.\"a\"]\n[source.\"\"]\n",
    ])
    func aPlainTextGivesTheTreeThatTomlGives(_ text: String) throws {
        let bytes = Array(text.utf8)
        let plain = try #require(PlainTables.read(bytes))
        #expect(try plain == TOMLNode.parseAny(bytes, file: "x"))
    }

    @Test(arguments: [
        "", "a = 1", "[source]\n", "[sink.a]\n", "[[source.a]]\n", "[source.\"\\u0061\"]\n", "[source.\"a]\n",
        "[source.'a']\n", "[source.a.b]\n", "[source.a",
        "[source.a]\n[source.a]\n", "[source.a]\nb = 1\nb = 2\n", "[source.a]\nb.c = 1\n", "[source.a]\nb = {}\n",
        "[source.a]\nb = \"\"\"x\"\"\"\n", "[source.a]\nb = '''x'''\n", "[source.a]\nb = \"\\n\"\n",
        "[source.a]\nb = \"ü\"\n", "[source.a]\nb = 01\n", "[source.a]\nb = 1_0\n", "[source.a]\nb = 1.5\n",
        "[source.a]\nb = 0x1F\n", "[source.a]\nb = 2026-11-25\n", "[source.a]\nb = 10:00:00\n",
        "[source.a]\nb = 9999999999999999999\n", "[source.a]\nb = -1\n", "[source.a]\nb = [[1]]\n",
        "[source.a]\nb = [1\n,2]\n", "[source.a]\nb = [1 2]\n", "[source.a]\nb = [1,]\n", "[source.a]\nb = truex\n",
        "[source.a]\nb = \"x\n", "[source.a]\nb = 1 c = 2\n", "[source.a] b = 1\n", "[source.a]\rb = 1\n",
        "[source.a]\nb = 1\r", "[source.a]\n# \u{1}\n", "[source.a]\n= 1\n", "[source.a]\nb 1\n", "[source.a]\nb =\n",
    ])
    func anythingElseIsLeftToToml(_ text: String) {
        #expect(PlainTables.read(Array(text.utf8)) == nil)
    }

    /// Plain texts with a byte here and there that is another: either both readers see the same, or one leaves it.
    @Test func textsWithFaultsAreJudgedByTomlAlone() throws {
        let text = Array(
            "[source.one]\nplugin = \"http\"\nlist = [1, \"two\"] # c\n\n[source.two]\r\nx = 'y'\nn = 12\nt = true\n"
                .utf8)
        let odd = Array("[]\"'=#.\n\r\t ,\\0x-_e{}\u{7F}é".utf8)
        var generator = SystemRandomNumberGenerator()
        var plain = 0
        for _ in 0..<20_000 {
            var changed = text
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let place = Int.random(in: 0..<changed.count, using: &generator)
                let byte = odd[Int.random(in: 0..<odd.count, using: &generator)]
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: changed[place] = byte
                case 1: changed.insert(byte, at: place)
                default: changed.remove(at: place)
                }
            }
            guard let tree = PlainTables.read(changed) else { continue }
            plain += 1
            let isSame = try tree == TOMLNode.parseAny(changed, file: "x")
            try #require(isSame, "\(String(decoding: changed, as: UTF8.self).debugDescription)")
        }
        #expect(plain > 1000)
    }
}
