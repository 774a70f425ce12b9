import JSON
import Testing

/// The same thing from several sources, through the built programs.
@Suite(.serialized, .enabled(if: RunningDaemon.isBuilt, "the programs are not built: swift build"))
struct SamenessTests {
    let directory = Workspace()

    private func configuration(_ policy: String) -> String {
        """
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "out.jsonl"
        [source.agency]
        plugin = "directory"
        path = "agency"
        settle = "100ms"
        [source.paper]
        plugin = "directory"
        path = "paper"
        settle = "100ms"
        duplicates = "\(policy)"
        """
    }

    private static let story = """
        The lock at Weir Lane was closed on Monday after a barge had struck the upper gate and bent two of its hinges.

        Nobody was hurt, the keeper said, but the pound behind the gate lost 40 centimetres of water before the stop planks
        were in place, and 12 boats have to wait until the gate is mended.

        The owner of the barge, who had passed the lock many times before, said that the wind had turned the stern when the
        bow was already inside. Divers will look at the sill tomorrow.
        """

    private func page(_ title: String, _ text: String) -> String {
        let paragraphs = text.split(separator: "\n\n").map { "<p>\($0)</p>" }.joined(separator: "\n")
        return "<!doctype html><html lang=\"en\"><head><title>\(title)</title></head><body><article><h1>\(title)</h1>"
            + "\n\(paragraphs)</article></body></html>"
    }

    private var wireCopy: String {
        page(
            "Barge hits gate, boats wait",
            "By Miriam Castellane\n\nWEIR LANE (Agency) - " + Self.story
                + "\n\nCopyright by the Harbour Press Association. It may not be published without permission.")
    }

    private static let other = """
        An evening with songs of the bargemen, a choir of thirty voices and two fiddles fills the boathouse on Friday.

        Members of the association pay nothing and guests are asked for a small donation, which goes to the fund that keeps
        the old crane above the basin in order until the foundation has decided what will become of it.
        """

    /// Counts of one source, which must add up to `records`.
    private func counts(_ source: String, _ daemon: RunningDaemon, records: Int64? = nil) throws -> [String: Int64] {
        let sources = try daemon.get("sources")["sources"]?.array ?? []
        let counts = sources.first { $0["name"]?.string == source }?["counts"]?.object ?? [:]
        let numbers = counts.compactMapValues(\.integer)
        let ended = ["new", "revised", "unchanged", "duplicates", "dead_letters"].reduce(0) { $0 + (numbers[$1] ?? 0) }
        if let records { #expect(ended == records, "\(counts)") }
        return numbers
    }

    /// An agency's story, then a paper's exact copy, wire copy and own page.
    private func run(_ policy: String) throws -> RunningDaemon {
        directory.makeDirectory("agency")
        directory.makeDirectory("paper")
        directory.write("agency/lock.html", page("Lock closed", Self.story))
        let daemon = try RunningDaemon(configuration(policy), in: directory)
        try daemon.settle(items: 1)
        directory.write("paper/copy.html", page("Lock closed", Self.story))
        directory.write("paper/wire.html", wireCopy)
        directory.write("paper/own.html", page("Songs in the boathouse", Self.other))
        try daemon.settle(items: 4)
        return daemon
    }

    @Test func duplicatesAreMarked() throws {
        let daemon = try run("mark")
        let paper = try counts("paper", daemon, records: 3)
        #expect(paper["new"] == 1 && paper["duplicates"] == 2)
        let lines = daemon.lines("out.jsonl")
        #expect(lines.count == 4)
        let original = lines.first { $0["source"]?.string == "agency" }?["id"]
        let copy = lines.first { $0["uri"]?.string?.hasSuffix("copy.html") == true }
        #expect(copy?["duplicate_of"] == original && copy?["similarity"]?.number == 1)
        let wire = lines.first { $0["uri"]?.string?.hasSuffix("wire.html") == true }
        #expect(wire?["duplicate_of"] == original)
        #expect(wire?["similarity"]?.number ?? 0 > 0.5 && wire?["similarity"]?.number ?? 1 < 1)
        #expect(lines.first { $0["uri"]?.string?.hasSuffix("own.html") == true }?["duplicate_of"] == nil)

        // What was marked is known after a kill as well.
        try daemon.killAndRestart()
        directory.write("paper/again.html", wireCopy)
        try daemon.settle(items: 5)
        #expect(try counts("paper", daemon, records: 4)["duplicates"] == 3)
        #expect(daemon.stop() == 0)
    }

    @Test func duplicatesAreDroppedAndCounted() throws {
        let daemon = try run("drop")
        let paper = try counts("paper", daemon, records: 3)
        #expect(paper["new"] == 1 && paper["duplicates"] == 2)
        #expect(
            daemon.lines("out.jsonl").compactMap { $0["title"]?.string }.sorted() == [
                "Lock closed", "Songs in the boathouse",
            ])

        // A page that was dropped and becomes one of its own is new.
        directory.write("paper/wire.html", page("Bread", Self.other.replacing("songs", with: "bread") + Self.report))
        try daemon.settle(items: 5)
        #expect(try counts("paper", daemon)["new"] == 2)
        #expect(daemon.stop() == 0)
        #expect(daemon.lines("out.jsonl").count == 3)
    }

    private static let report = """


        Prices for bread rose in every town on the river this spring, said the guild, because two mills stand still and the
        boats with grain wait below the broken gate; bakers in the hills sell what they have before noon and close early.

        The guild asks the council to open the granary, which holds flour for forty days, and to pay the carters who bring
        it up the valley as long as no boat can pass.
        """

    @Test func duplicatesAreKeptAsDocuments() throws {
        let daemon = try run("keep")
        #expect(try counts("paper", daemon, records: 3)["new"] == 3)
        #expect(daemon.lines("out.jsonl").allSatisfy { $0["duplicate_of"] == nil })
        #expect(daemon.stop() == 0)
    }

    @Test func onlyContentMakesARevision() throws {
        directory.makeDirectory("agency")
        directory.makeDirectory("paper")
        directory.write("agency/lock.html", page("Lock closed", "Updated 5 minutes ago\n\n" + Self.story))
        let daemon = try RunningDaemon(configuration("mark"), in: directory)
        try daemon.settle(items: 1)
        directory.write("agency/lock.html", page("Lock closed", "Updated 3 hours ago\n\n\(Self.story)\n\n1,204 views"))
        try daemon.settle(items: 2)
        #expect(try counts("agency", daemon, records: 2)["unchanged"] == 1)
        let corrected = Self.story.replacing("12 boats", with: "13 boats")
        directory.write("agency/lock.html", page("Lock closed", "Updated 4 hours ago\n\n" + corrected))
        try daemon.settle(items: 3)
        #expect(try counts("agency", daemon, records: 3)["revised"] == 1)
        #expect(daemon.stop() == 0)
        #expect(daemon.lines("out.jsonl").map { $0["revision"]?.integer } == [1, 2])
    }
}
