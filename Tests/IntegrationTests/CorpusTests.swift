import Glibc
import JSON
import Testing

/// Where the corpus' pages are.
enum CorpusPages {
    static let directory: String? = {
        for base in [getenv("MILLRACE_CORPUS").map({ String(cString: $0) }), "../shared/corpus"].compactMap({ $0 }) {
            guard let resolved = realpath("\(base)/pages/html", nil) else { continue }
            defer { free(resolved) }
            return String(cString: resolved)
        }
        return nil
    }()
}

/// The pages of the shared corpus from a directory: every file ends, and the sum is right.
@Suite(
    .serialized,
    .enabled(
        if: RunningDaemon.isBuilt && CorpusPages.directory != nil,
        "no corpus: set MILLRACE_CORPUS or put ../shared/corpus beside the checkout"))
struct CorpusTests {
    @Test func everyPageEnds() throws {
        let pages = try #require(CorpusPages.directory)
        let daemon = try RunningDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [source.pages]
            plugin = "directory"
            path = "\(pages)"
            """)
        try daemon.settle(items: 1497, seconds: 400)
        let counts = try daemon.get("status")["counts"]
        let ended = ["new", "revised", "unchanged", "duplicates", "dead_letters"].compactMap { counts?[$0]?.integer }
            .reduce(0, +)
        print("corpus: \(counts?.description ?? "")")
        #expect(ended == 1497)
        #expect(
            daemon.lines("out.jsonl").count
                == Int(
                    (counts?["new"]?.integer ?? 0) + (counts?["revised"]?.integer ?? 0)
                        + (counts?["duplicates"]?.integer ?? 0)))
    }
}
