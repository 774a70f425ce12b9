import Charset
import Glibc
import Testing

/// The encoding tests of the HTML standard's test suite, where the shared corpus is at hand.
@Suite("HTML standard's encoding tests", .enabled(if: Corpus.path != nil, "needs the corpus: set MILLRACE_CORPUS"))
struct StandardEncodingTests {
    @Test(
        "Each page is read in the encoding that the suite names",
        arguments: ["tests1.dat", "tests2.dat", "test-yahoo-jp.dat"])
    func file(_ name: String) throws {
        let path = try #require(Corpus.path)
        let bytes = try #require(Corpus.read("\(path)/html5lib/encoding/\(name)"))
        var cases = 0
        for (data, wanted) in Self.cases(bytes) {
            cases += 1
            let encoding = EncodingDetection.detect(data, kind: .html).encoding
            // A page that says nothing and has no byte above 0x7F reads the same in either.
            let isSame =
                encoding.name == wanted.lowercased()
                || encoding == .utf8 && wanted.lowercased() == "windows-1252" && !data.contains { $0 >= 0x80 }
            #expect(isSame, "\(name) case \(cases): \(encoding) instead of \(wanted)")
        }
        #expect(cases > 0)
    }

    private static func cases(_ bytes: [UInt8]) -> [(data: [UInt8], encoding: String)] {
        var cases: [(data: [UInt8], encoding: String)] = []
        var data: [UInt8] = []
        var part = 0
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if line.elementsEqual("#data".utf8) {
                data = []
                part = 1
            } else if line.elementsEqual("#encoding".utf8) {
                part = 2
                // The line feed before `#encoding` is not part of the page.
                if data.last == 0x0A { data.removeLast() }
            } else if part == 1 {
                data.append(contentsOf: line)
                data.append(0x0A)
            } else if part == 2 {
                cases.append((data, String(decoding: line, as: UTF8.self)))
                part = 0
            }
        }
        return cases
    }
}

/// The shared corpus of real input.
enum Corpus {
    static let path: String? = {
        if let variable = getenv("MILLRACE_CORPUS") { return String(cString: variable) }
        let beside = "../shared/corpus"
        return access(beside + "/README.md", R_OK) == 0 ? beside : nil
    }()

    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&block, 1, block.count, file)
            if count <= 0 { return bytes }
            bytes += block[..<count]
        }
    }
}
