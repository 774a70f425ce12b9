import Glibc
import JSON
import Testing

/// The Python example, named in the configuration as a user would.
@Suite(
    .serialized, .enabled(if: RunningDaemon.isBuilt && hasPython, "the programs are not built, or there is no python3"))
struct ExamplePluginTests {
    private static let example: String = {
        let file = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return file.dropLast(3).joined(separator: "/") + "/Plugins/examples/fetch_rows.py"
    }()

    let directory = Workspace()

    private func sql(_ statements: String) throws {
        let script = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()"
        let process = try Process(["/usr/bin/python3", "-c", script, directory.path("shop.sqlite3"), statements])
        #expect(process.waitForEnd() == 0)
    }

    private var configuration: String {
        """
        [plugin.rows]
        command = ["/usr/bin/python3", "\(Self.example)"]
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "out.jsonl"
        [source.reviews]
        plugin = "rows"
        path = "shop.sqlite3"
        table = "reviews"
        every = "1h"
        fields = { title = "product", text = "review" }
        """
    }

    @Test func newRowsAreBroughtOnceWhateverHappens() throws {
        try sql(
            """
            CREATE TABLE reviews (id INTEGER PRIMARY KEY, product TEXT, review TEXT);
            INSERT INTO reviews (product, review) VALUES ('Kettle', 'It boils water quickly and is easy to clean.'),
              ('Lamp', 'Bright enough to read by, and the switch feels solid.');
            """)
        let daemon = try RunningDaemon(configuration, in: directory)
        try daemon.settle(items: 2)
        #expect(daemon.lines("out.jsonl").compactMap { $0["title"]?.string } == ["Kettle", "Lamp"])

        try daemon.killAndRestart()
        try sql("INSERT INTO reviews (product, review) VALUES ('Clock', 'Runs five minutes late every single week.');")
        _ = try daemon.post("sources", "reviews", "run")
        try daemon.settle(items: 3)
        #expect(daemon.lines("out.jsonl").compactMap { $0["title"]?.string } == ["Kettle", "Lamp", "Clock"])
        #expect(try daemon.get("sources", "reviews")["counts"]?["items"]?.integer == 3)
        #expect(daemon.stop() == 0)
    }

    @Test func moreThanItsWindowIsHeldBackNotLost() throws {
        try sql(
            """
            CREATE TABLE reviews (id INTEGER PRIMARY KEY, product TEXT, review TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
            INSERT INTO reviews (product, review)
              SELECT 'Product ' || i, 'Review number ' || i || ': ' || hex(randomblob(1000)) FROM n;
            """)
        let daemon = try RunningDaemon(configuration + "\nwindow = \"16 KiB\"\n", in: directory)
        try daemon.settle(items: 500)
        #expect(Set(daemon.lines("out.jsonl").compactMap { $0["id"]?.string }).count == 500)
    }

    @Test func itsSettingsAreCheckedLikeAnyOther() throws {
        directory.write("millrace.toml", configuration.replacing("table =", with: "tabel ="))
        let check = try Process(
            ["\(RunningDaemon.programs)/millraced", "--check", "--config", directory.path("millrace.toml")],
            errors: directory.path("check.err"), output: directory.path("check.out"))
        #expect(check.waitForEnd() == 1)
        let said = directory.read("check.out") + directory.read("check.err")
        #expect(said.contains("millrace.toml:10: ") && said.contains("did you mean 'table'?"), "\(said)")
    }

    @Test func aDatabaseThatIsMissingIsTold() throws {
        let daemon = try RunningDaemon(configuration, in: directory)
        try wait("the failure", seconds: 20) {
            (try daemon.get("sources", "reviews")["last_error"]?["what"]?.string ?? "").contains("shop.sqlite3")
        }
    }
}

let hasPython = access("/usr/bin/python3", X_OK) == 0
