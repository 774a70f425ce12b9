import ControlAPI
import JSON
import Testing

/// The messages against the contract's own examples, and against themselves.
@Suite struct ControlAPITests {
    private static let status = """
        {"version":"0.1.0","pid":812,"started":"2026-11-24T12:00:00Z","state":"running","state_directory":"/var/lib/millrace",
        "configuration":{"file":"/etc/millrace/millrace.toml","loaded":"2026-11-24T12:00:01Z","problems":["a:1: b, c"]},
        "counts":{"items":60,"in_flight":0,"new":1490,"revised":2,"unchanged":31,"duplicates":4,"dead_letters":1},
        "log":{"state":"open","first":1,"last":1497,"durable":1497,"bytes":67108864,"segments":1,"sync":"always"},
        "sources":{"total":10,"running":1,"watching":2,"waiting":6,"paused":0,"failing":1,"insecure":["lab"]},
        "sinks":[{"name":"archive","plugin":"jsonl","state":"running","position":1490,"lag":7,"delivered":1490,
        "rejected":0,"last_error":{"what":"disk","remedy":"buy one","time":"2026-11-24T12:00:02Z"}}],
        "processes":[{"name":"fetch-http","pid":815,"state":"running","restarts":0,"last_exit":"exit status 1",
        "since":"2026-11-24T12:00:00Z","resident":9400320,"jobs":2}]}
        """

    private static let source = """
        {"name":"news","plugin":"http","state":"waiting","schedule":"every 15m","paused":false,
        "next_run":"2026-11-24T12:15:00Z","last_run":"2026-11-24T12:00:00Z","last_success":"2026-11-24T12:00:03Z",
        "failures":0,"last_error":{"what":"w","remedy":"r","time":"2026-11-24T11:00:00Z"},
        "counts":{"items":4,"in_flight":0,"new":30,"revised":1,"unchanged":88,"duplicates":0,"dead_letters":0}}
        """

    private static let letter = """
        {"position":7,"time":"2026-11-24T11:00:00Z","source":"news","uri":"file:///a","reason":"not JSON","attempts":2}
        """

    /// What is read and written again says the same.
    private func roundTrip<Message: ControlMessage>(_ text: String, _ type: Message.Type) throws -> Message {
        let json = try JSONValue.parse(text)
        let message = try Message(json: json)
        #expect(try JSONValue.parse(message.encoded) == json)
        return message
    }

    @Test func statusOfTheContract() throws {
        let status = try roundTrip(Self.status, DaemonStatus.self)
        #expect(status.pid == 812)
        #expect(status.log.last == 1497)
        #expect(status.sinks.first?.lag == 7)
        #expect(status.processes.first?.resident == 9_400_320)
        #expect(status.counts.records == 1528)
    }

    @Test func sourcesOfTheContract() throws {
        #expect(try roundTrip(Self.source, SourceStatus.self).schedule == "every 15m")
        #expect(try roundTrip("{\"sources\":[\(Self.source)]}", SourceList.self).sources.count == 1)
        #expect(try roundTrip("{\"source\":\(Self.source)}", SourceAnswer.self).source.name == "news")
        let detail = """
            \(Self.source.dropLast()),"file":"/etc/a.toml","line":3,"settings":{"url":"https://a.example/"},
            "state_keys":2,"dead_letters":[\(Self.letter)]}
            """
        #expect(try roundTrip(detail, SourceDetail.self).deadLetters.first?.position == 7)
    }

    @Test func answersOfTheContract() throws {
        let ingest = """
            {"items":1,"new":1,"revised":0,"unchanged":0,"duplicates":0,"dead_letters":1,"reasons":["bad"]}
            """
        #expect(try roundTrip(ingest, IngestAnswer.self).reasons == ["bad"])
        let reload = """
            {"changed":{"added":["a"],"removed":[],"changed":["b"]},"needs_restart":["log.sync"],"problems":["f:1: w, r"]}
            """
        #expect(try roundTrip(reload, ReloadAnswer.self).needsRestart == ["log.sync"])
        #expect(try roundTrip("{\"dead_letters\":[\(Self.letter)],\"next\":7}", DeadLetterList.self).next == 7)
        let error = try roundTrip(
            "{\"error\":{\"what\":\"there is no source 'nwes'\",\"remedy\":\"known sources: news\"}}", ControlError.self
        )
        #expect(error.remedy == "known sources: news")
        #expect(try roundTrip("{\"sinks\":[]}", SinkList.self).sinks.isEmpty)
    }

    @Test(arguments: [
        "[]", "{}", "{\"version\":1}", "{\"version\":\"1\",\"pid\":\"x\"}", "null", "{", "",
        "{\"version\":\"1\",\"pid\":1,\"state\":\"running\",\"started\":\"yesterday\"}",
    ])
    func whatIsNoStatusIsRefused(_ text: String) {
        #expect(throws: ControlFormatError.self) { try DaemonStatus(bytes: Array(text.utf8)) }
    }

    @Test func countsMayNotBeNegativeOrOverflow() throws {
        #expect(throws: ControlFormatError.self) { try Counts(json: ["new": -1]) }
        let largest = try Counts(json: ["new": .integer(.max), "revised": .integer(.max)])
        var sum = largest
        sum += largest
        // Foreign numbers may be nonsense, but must not stop the program.
        _ = sum.records
        _ = largest.records
    }

    @Test func whatANewerDaemonAddsIsPassedOver() throws {
        let counts = try Counts(json: ["new": 3, "invented": ["x": [1, 2]]])
        #expect(counts.new == 3)
    }
}
