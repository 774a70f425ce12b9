import Document
import JSON
import PluginProtocol
import Testing

/// Every message comes back as it was sent, and what lacks a part is refused.
@Suite struct MessageTests {
    private static let description: ItemDescription = {
        var item = ItemDescription(uri: "https://example.org/\"\\\n", key: "k", mediaType: "text/html")
        item.charset = "windows-1252"
        item.headers = ["etag": "\"x\""]
        item.fetched = Timestamp(milliseconds: 1_795_521_600_123)
        item.modified = Timestamp(seconds: -1)
        item.records = .lines
        item.firstRecord = 500
        item.parts = [
            ItemPart(.entry, length: 3, uri: "u"), ItemPart(.page, length: 0, uri: "v", mediaType: "a/b", charset: "c"),
        ]
        return item
    }()
    private static let state: [String: JSONValue] = ["etag": "\"x\"", "gone": nil, "n": [1, 2.5, ["a": true]]]

    private func frame(_ bytes: [UInt8], _ body: [UInt8] = []) throws -> Frame {
        var decoder = FrameDecoder(limits: .fromPlugin)
        try decoder.push(bytes + body)
        let frame = decoder.next()
        return try #require(frame)
    }

    private func fault(_ text: String, _ body: String = "") -> ProtocolError? {
        do {
            _ = try PluginMessage(frame(Array((text + "\n").utf8), Array(body.utf8)))
            return nil
        } catch { return error as? ProtocolError }
    }

    private static var quiet: FinishedJob {
        var done = FinishedJob(job: 1)
        (done.skipHours, done.skipDays) = ([0, 23], [6])
        done.report.answers = [200: 3, 304: 1]
        done.report.bytes = 5
        done.report.hosts = ["a.test": "answers"]
        return done
    }

    private static let subscribed: FetchReport = {
        var report = FetchReport()
        report.answers = [200: 1]
        report.subscriptions = ["https://mill.example/feed": ["state": "live", "received": 3]]
        return report
    }()
    private static let again: FinishedJob = {
        var done = FinishedJob(job: 3)
        done.again = true
        return done
    }()

    private static let pluginMessages: [PluginMessage] = [
        .hello(
            PluginHello(
                name: "p", version: "1.2", roles: [.fetch, .deliver, .search, .normalise],
                settings: ["type": "object", "properties": ["é\"": ["default": nil]]])),
        .item(FetchedItem(job: 1, item: .max, description: description, state: state)),
        .item(FetchedItem(job: 1, item: 2, description: ItemDescription(uri: ""))),
        .rejected(RejectedItem(job: 1, item: 3, uri: "u", reason: "too \u{1} large", state: state)),
        .checkpoint(Checkpoint(job: 1, item: 4, state: state)), .watching(job: 1),
        .watching(job: 2, report: subscribed),
        .done(FinishedJob(job: 1)), .done(again),
        .done(FinishedJob(job: 1, state: state, next: 0.25, unchanged: true)), .done(quiet),
        .failed(FailedJob(job: 1, kind: .transient, message: "m")),
        .failed(FailedJob(job: 1, kind: .postponed, message: "m", retryAfter: 5)),
        .failed(FailedJob(job: 1, kind: .gone, message: "m")),
        .failed(
            FailedJob(job: 1, kind: .configuration, message: "m", remedy: "r", retryAfter: 60, state: state)),
        .log(level: .error, message: "\0\u{2028}", job: nil), .log(level: .debug, message: "", job: .min),
        .configured(job: 1, position: nil), .configured(job: 1, position: UInt64(Int64.max)),
        .delivered(job: 1, position: 9, rejected: [RejectedDocument(position: 8, reason: "no")]),
        .found(job: 1, count: 0), .pong(id: -1),
    ]

    @Test(arguments: pluginMessages)
    func pluginsAreUnderstood(_ message: PluginMessage) throws {
        let bytes = message.encoded()
        #expect(bytes.last == 0x0A && bytes.count { $0 == 0x0A } == 1)
        #expect(try PluginMessage(frame(bytes)) == message)
        let frame = try frame(message.encoded(bodyLength: 3), [1, 0x0A, 3])
        #expect(frame.body == [1, 0x0A, 3] && frame.type == message.name)
    }

    private static let coreMessages: [CoreMessage] = [
        .hello(core: "1.0"),
        .fetch(
            FetchRequest(
                job: 1, source: "s", settings: ["url": "x"], state: state, window: 1 << 40, maximumItemSize: 0)),
        .acknowledge(job: 1, item: 2), .cancel(job: 1), .cancel(job: 1, forGood: true),
        .normalise(NormaliseRequest(job: 1, source: "s", item: description, settings: ["language": "de"])),
        .configure(job: 1, sink: "k", settings: [:]),
        .deliver(DeliverRequest(job: 1, sink: "k", first: 1, last: UInt64(Int64.max), count: 3)),
        .deliver(DeliverRequest(job: 1, sink: "k", first: 1, last: 2, count: 2, again: true)),
        .search(job: 1, sink: "k", words: "\"a\" OR b", limit: 10), .ping(id: 7), .shutdown,
    ]

    @Test(arguments: coreMessages)
    func theCoreIsUnderstood(_ message: CoreMessage) throws {
        #expect(try CoreMessage(frame(message.encoded())) == message)
    }

    /// Each member that a message can not be without is named when it is missing or of another type.
    @Test(arguments: [
        (#"{"type":"nothing"}"#, "nothing"), (#"{"type":"item","job":1}"#, "item"),
        (#"{"type":"item","job":1,"item":1}"#, "uri"), (#"{"type":"item","job":"1","item":1,"uri":""}"#, "job"),
        (#"{"type":"item","job":1.5,"item":1,"uri":""}"#, "job"),
        (#"{"type":"item","job":1,"item":1,"uri":"","state":[]}"#, "state"),
        (#"{"type":"item","job":1,"item":1,"uri":"","fetched":"yesterday"}"#, "yesterday"),
        (#"{"type":"item","job":1,"item":1,"uri":"","modified":"2026-02-31T00:00:00Z"}"#, "2026-02-31"),
        (#"{"type":"item","job":1,"item":1,"uri":"","records":"rows"}"#, "rows"),
        (#"{"type":"item","job":1,"item":1,"uri":"","parts":[{"kind":"page","length":-1,"uri":""}]}"#, "part"),
        (#"{"type":"checkpoint","job":1}"#, "item"),
        (#"{"type":"configured","job":1,"position":-1}"#, "position"), (#"{"type":"delivered","job":1}"#, "position"),
        (#"{"type":"delivered","job":1,"position":18446744073709551615}"#, "position"),
        (#"{"type":"delivered","job":1,"position":1,"rejected":[{"position":-1,"reason":""}]}"#, "rejected"),
        (#"{"type":"delivered","job":1,"position":1,"rejected":[1]}"#, "rejected"),
        (#"{"type":"hello","protocol":2,"name":"p","roles":["fetch"]}"#, "2"),
        (#"{"type":"hello","protocol":1,"roles":["fetch"]}"#, "name"),
        (#"{"type":"hello","protocol":1,"name":"p","roles":["dance"]}"#, "role"),
        (#"{"type":"failed","job":1}"#, "message"), (#"{"type":"pong"}"#, "id"),
        (#"{"type":"found","job":1}"#, "count"),
    ])
    func whatLacksAPartIsRefused(_ text: String, _ named: String) throws {
        let error = try #require(fault(text))
        #expect(error.what.contains(named))
    }

    @Test func aNewerPluginsExtrasAreOverlooked() throws {
        let hello = #"{"type":"hello","protocol":1,"name":"p","roles":["fetch","dance",3],"new":[{}]}"#
        guard case .hello(let plugin) = try PluginMessage(frame(Array((hello + "\n").utf8))) else {
            Issue.record("no hello")
            return
        }
        #expect(plugin.roles == [.fetch] && plugin.version == "" && plugin.settings == [:])
        let failed = #"{"type":"failed","job":1,"kind":"odd","message":"m"}"#
        #expect(
            try PluginMessage(frame(Array((failed + "\n").utf8)))
                == .failed(FailedJob(job: 1, kind: .transient, message: "m")))
    }

    @Test func textsOfPluginsAreCut() throws {
        let long = String(repeating: "é", count: 500_000)
        let failed = #"{"type":"failed","job":1,"kind":"transient","message":"x\#(long)","remedy":"\#(long)"}"#
        guard case .failed(let job) = try PluginMessage(frame(Array((failed + "\n").utf8))) else {
            Issue.record("not failed")
            return
        }
        // Before the character that the limit is in the midst of.
        #expect(job.message == "x" + String(repeating: "é", count: 4095) + "…")
        #expect(job.remedy == String(repeating: "é", count: 4096) + "…")
        let log = #"{"type":"log","level":"info","message":"\#(long)"}"#
        guard case .log(_, let message, _) = try PluginMessage(frame(Array((log + "\n").utf8))) else {
            Issue.record("not a log line")
            return
        }
        #expect(message.utf8.count == 8192 + "…".utf8.count)
    }

    // MARK: Documents

    private func entry(_ length: Int) -> NormalisedDocuments.Entry {
        NormalisedDocuments.Entry(
            id: DocumentID(high: 1, low: .max), hash: ContentHash(words: (1, 2, 3, 4)), length: length)
    }

    @Test func documentsAreTheLinesOfTheirBody() throws {
        let documents = NormalisedDocuments(
            job: 3, documents: [entry(4), entry(2)],
            rejected: [.init(record: 2, reason: "no JSON")], emptyFeed: ["title": "F"])
        let message = PluginMessage.documents(documents)
        let body = Array("{12}\n{}\n".utf8)
        #expect(try PluginMessage(frame(message.encoded(bodyLength: body.count), body)) == message)
        for wrong in [body + [0x0A], Array(body.dropLast()), []] {
            #expect(throws: ProtocolError.self) {
                try PluginMessage(frame(message.encoded(bodyLength: wrong.count), wrong))
            }
        }
        let nothing = PluginMessage.documents(NormalisedDocuments(job: 3, documents: []))
        #expect(try PluginMessage(frame(nothing.encoded())) == nothing)
    }

    @Test func fingerprintsStandBehindTheLines() throws {
        var entries = [entry(4), entry(2)]
        entries[0].fingerprint = Fingerprint(
            words: 300, figureCount: 7, sketch: [1, .max, 0, 2], figures: [3, .max],
            keys: [1, 2, 3, 4, 5, 6, 7, .max])
        entries[1].fingerprint = Fingerprint(words: 0)
        let documents = NormalisedDocuments(job: 3, documents: entries)
        let message = PluginMessage.documents(documents)
        let body = Array("{12}\n{}\n".utf8) + documents.fingerprintBytes
        #expect(documents.fingerprintBytes.count == 2 * Fingerprint.length)
        #expect(try PluginMessage(frame(message.encoded(bodyLength: body.count), body)) == message)
        for wrong in [Array(body.dropLast()), body + [0], Array(body.prefix(8))] {
            #expect(throws: ProtocolError.self) {
                try PluginMessage(frame(message.encoded(bodyLength: wrong.count), wrong))
            }
        }
        // One without makes an answer without any.
        entries[1].fingerprint = nil
        #expect(NormalisedDocuments(job: 3, documents: entries).fingerprintBytes.isEmpty)
    }

    @Test func entriesAreCheckedBeforeTheyAreUsed() {
        let (id, hash) = (String(repeating: "0", count: 32), String(repeating: "a", count: 64))
        func refusal(_ entry: String) -> Bool {
            fault("{\"type\":\"documents\",\"job\":1,\"documents\":[\(entry)],\"body\":3}", "{}\n") != nil
        }
        func entry(_ id: String, _ hash: String, _ length: String) -> String {
            "{\"id\":\"\(id)\",\"hash\":\"\(hash)\",\"length\":\(length)}"
        }
        #expect(!refusal(entry(id, hash, "2")))
        for length in [
            "-1", "0", "1", "3", "4", "9223372036854775807", "-9223372036854775808", "1e18", "\"2\"", "null",
        ] {
            #expect(refusal(entry(id, hash, length)), "\(length)")
        }
        #expect(refusal(entry("x" + id.dropFirst(), hash, "2")))
        #expect(refusal(entry(id, String(hash.dropFirst()), "2")))
        #expect(refusal("1") && refusal("{}") && refusal("null"))
    }
}
