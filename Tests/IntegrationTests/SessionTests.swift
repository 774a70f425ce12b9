import Glibc
import JSON
import Testing

/// A session at a web server, over the life of the daemon.
@Suite(
    .serialized,
    .enabled(if: RunningDaemon.isBuilt && WebServer.isInstalled, "nginx is not installed: apt-get install nginx"))
struct SessionTests {
    let directory = Workspace()
    private let secret = "hunter2hunter2"

    @Test("A cookie that is kept outlives kill -9 and a stop, and nothing shows it")
    func session() throws {
        directory.makeDirectory("www")
        // Before the daemon: a run that finds it missing fails, and waits.
        directory.makeDirectory("warc")
        let page =
            "<html><title>Mill</title><main><h1>Mill</h1><p>The miller says that you are $known to him today.</p>"
        let server = try WebServer(
            directory, maps: "map $cookie_sid $known { \(secret) \"known\"; default \"a stranger\"; }",
            locations: """
                location /door {
                    default_type text/html;
                    add_header Set-Cookie "sid=\(secret); HttpOnly; Max-Age=3600";
                    return 200 "\(page)";
                }
                """)
        let daemon = try RunningDaemon(
            """
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            path = "out.jsonl"
            [source.door]
            plugin = "http"
            url = "http://127.0.0.1:\(server.port)/door"
            allow_private = true
            cookies = true
            archive = "warc"
            archive_directory = "\(directory.path("warc"))"
            every = "1h"
            """, in: directory)
        func texts() -> [Bool] {
            daemon.lines("out.jsonl").compactMap { $0["text"]?.string?.contains("a stranger") }
        }
        func run() throws { _ = try daemon.post("sources", "door", "run") }
        try wait("the first run: \(directory.read("daemon.log").suffix(2000))", seconds: 60) { texts() == [true] }
        try wait("its end", seconds: 60) { try daemon.get("sources", "door")["last_success"] != nil }
        try daemon.killAndRestart()
        try run()
        try wait("a known visitor", seconds: 60) { texts() == [true, false] }
        let told = try [daemon.get("sources", "door"), daemon.get("status"), daemon.get("sources")]
        #expect(told.allSatisfy { !$0.description.contains(secret) })
        try show("sources", "show", "--socket", directory.path("s"), "door")
        #expect(daemon.stop() == 0)
        try show("log", "stat", directory.path("state"))
        try show("log", "dump", directory.path("state"))
        try show("log", "dump", "--json", directory.path("state"))
        try show("log", "export", directory.path("state"))
        #expect(!directory.read("daemon.log").contains(secret) && !directory.read("out.jsonl").contains(secret))
        // Unpacked by gzip itself; its members hold one record each.
        let unpack = "cat \(directory.path("warc"))/*.gz | gzip -dc"
        _ = try Process(["/bin/sh", "-c", unpack], output: directory.path("records")).waitForEnd()
        let records = directory.read("records")
        #expect(records.contains("a stranger") && !records.contains(secret))
    }

    /// Runs a command of `millracectl`, which shows something, and not the secret.
    private func show(_ arguments: String...) throws {
        let program = ["\(RunningDaemon.programs)/millracectl"] + arguments
        _ = try Process(program, errors: directory.path("err"), output: directory.path("out")).waitForEnd()
        let (output, errors) = (directory.read("out"), directory.read("err"))
        #expect(!output.isEmpty, "\(arguments): \(errors)")
        #expect(!output.contains(secret) && !errors.contains(secret), "\(arguments)")
    }
}
