import ControlAPI
import ControlClient
import Glibc
import JSON
import Testing

/// The client against a server that may say anything.
@Suite struct ConnectionTests {
    private func connected<Result>(
        _ answer: @escaping @Sendable (StubServer.Request) -> [UInt8],
        _ body: (ControlConnection, StubServer) throws -> Result
    ) throws -> Result {
        let server = try StubServer(answer: answer)
        defer { server.stop() }
        return try body(try ControlConnection(socket: server.path), server)
    }

    @Test func pathsAndParametersAreEncoded() {
        var request = ControlRequest("GET", "sources", "a/b ?ü")
        request.add("q", "x&y=z +%")
        request.add("absent", nil)
        #expect(request.target == "/v1/sources/a%2Fb%20%3F%C3%BC?q=x%26y%3Dz%20%2B%25")
    }

    @Test func anErrorCarriesItsRemedy() throws {
        let text = "{\"error\":{\"what\":\"there is no source 'nwes'\",\"remedy\":\"did you mean 'news'?\"}}"
        try connected({ _ in StubServer.json(text, status: 404) }) { connection, _ in
            let failure = #expect(throws: CommandFailure.self) {
                try connection.answer(to: ControlRequest("GET", "sources", "nwes"))
            }
            #expect(failure?.status == .refused)
            #expect(failure?.remedy == "did you mean 'news'?")
        }
    }

    @Test func nobodyThereIsAnExitStatusOfItsOwn() throws {
        let connection = try ControlConnection(socket: "/tmp/millrace-no-such-\(getpid()).sock")
        let failure = #expect(throws: CommandFailure.self) {
            try connection.answer(to: ControlRequest("GET", "status"))
        }
        #expect(failure?.status == .noDaemon)
        #expect(failure?.remedy?.contains("systemctl start millraced") == true)
    }

    @Test(arguments: ["", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"])
    func anAnswerThatBreaksOffIsAFailure(_ answer: String) throws {
        // An empty answer makes the stub hang up.
        try connected({ _ in Array(answer.utf8) }) { connection, server in
            if answer.contains("100") { server.hangUpAfterAnswer() }
            let failure = #expect(throws: CommandFailure.self) {
                try connection.answer(to: ControlRequest("GET", "status"))
            }
            #expect(failure?.status == .noDaemon)
        }
    }

    @Test func linesAreHandedOnWholeHoweverTheyAreCut() throws {
        let chunks = ["{\"a\":", "1}\n{\"a\":2}\n{", "\"a\":3}\n", "{\"a\":4}"]
        let body = chunks.map { String($0.utf8.count, radix: 16) + "\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
        let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + body
        try connected({ _ in Array(answer.utf8) }) { connection, _ in
            var values: [Int64?] = []
            try connection.stream(ControlRequest("GET", "documents", "tail")) { line in
                values.append((try? JSONValue.parse(Array(line)))?["a"]?.integer)
            }
            #expect(values == [1, 2, 3, 4])
        }
    }

    @Test func recordsAreSentInPiecesWithTheirNumbers() throws {
        let line = String(repeating: "x", count: 1000)
        let file = "/tmp/millrace-ingest-\(getpid()).jsonl"
        defer { unlink(file) }
        let count = 3000
        let text = String(repeating: "\"\(line)\"\n", count: count)
        #expect(write(text, to: file))
        try connected({ request in
            let records = request.body.count { $0 == 10 }
            return StubServer.json(
                "{\"items\":1,\"new\":\(records),\"revised\":0,\"unchanged\":0,\"duplicates\":0,\"dead_letters\":1,\"reasons\":[\"r\"]}"
            )
        }) { connection, server in
            var ingestion = Ingestion(
                connection, source: "in box", framing: nil, mediaType: nil, uri: nil, key: nil)
            try ingestion.push(file: file)
            #expect(ingestion.answer.counts.new == Int64(count))
            let requests = server.requests
            #expect(requests.count == 3)
            #expect(ingestion.answer.counts.deadLetters == 3)
            #expect(ingestion.answer.reasons.count == 3)
            #expect(requests.flatMap(\.body) == Array(text.utf8))
            #expect(requests.allSatisfy { $0.body.count <= 1 << 20 && $0.line.contains("records=json") })
            #expect(requests[0].line.contains("source=in%20box&uri=file%3A%2F%2F%2Ftmp%2Fmillrace-ingest"))
            #expect(!requests[0].line.contains("first_record"))
            let first = requests[0].body.count { $0 == 10 }
            #expect(requests[1].line.contains("first_record=\(first + 1)"))
            #expect(!requests[0].headers.lowercased().contains("content-type"))
        }
    }

    @Test func aFileThatIsNotThereSaysSo() throws {
        try connected({ _ in StubServer.json("{}") }) { connection, server in
            var ingestion = Ingestion(connection, source: "a", framing: nil, mediaType: nil, uri: nil, key: nil)
            let failure = #expect(throws: CommandFailure.self) { try ingestion.push(file: "/nonexistent/file") }
            #expect(failure?.what == "/nonexistent/file: No such file or directory")
            #expect(throws: CommandFailure.self) { try ingestion.push(file: "/tmp") }
            #expect(server.requests.isEmpty)
        }
    }

    private func write(_ text: String, to file: String) -> Bool {
        guard let stream = fopen(file, "w") else { return false }
        defer { fclose(stream) }
        return fputs(text, stream) >= 0
    }
}
