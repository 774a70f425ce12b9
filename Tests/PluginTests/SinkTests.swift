import Glibc
import JSON
import PluginProtocol
import TestSupport
import Testing

/// Sinks that are killed between taking documents and saying so, and get them again.
@Suite(
    .serialized,
    .enabled(if: PluginUnderTest.isBuilt("millrace-deliver-jsonl"), "the plugins are not built: swift build")
)
struct SinkTests {
    let directory = TemporaryDirectory()

    private func positions(in name: String) throws -> [Int64] {
        try directory.read(name).split(separator: "\n").map {
            try JSONValue.parse(String($0))["position"]?.integer ?? -1
        }
    }

    @Test func aFileIsNotDoubledByADeathBeforeTheAnswer() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.jsonl"))]
        let first = try PluginUnderTest("millrace-deliver-jsonl")
        #expect(try first.configure(settings) == nil)
        first.deliver(1...3)
        #expect(try first.delivered() == 3)
        // Taken, or half taken, but never acknowledged.
        first.deliver(4...6)
        usleep(30_000)
        first.kill()

        let second = try PluginUnderTest("millrace-deliver-jsonl")
        let known = try #require(try second.configure(settings))
        #expect(known == 3 || known == 6)
        // A core that does not believe the sink hands everything over again.
        second.deliver(1...6)
        #expect(try second.delivered() == 6)
        #expect(try positions(in: "out.jsonl") == [1, 2, 3, 4, 5, 6])
    }

    /// Killed at ever other moments, a sink is handed everything again from what it says that it knows.
    @Test(arguments: ["millrace-deliver-jsonl", "millrace-deliver-sqlite"])
    func nothingIsLostOrDoubledByManyDeaths(_ program: String) throws {
        let settings: JSONValue = ["path": .string(directory.file("out"))]
        var acknowledged: UInt64 = 0
        for round in UInt64(1)...15 {
            let sink = try PluginUnderTest(program)
            let known = try sink.configure(settings) ?? 0
            #expect(known >= acknowledged)
            // What it knows it has, so the core goes on from there; every third time it begins anew.
            sink.deliver((round % 3 == 0 ? 1 : known + 1)...(known + 40))
            if round % 5 == 0 {
                acknowledged = try sink.delivered()
                #expect(acknowledged == known + 40)
            } else {
                usleep(UInt32(round * 700))
            }
            sink.kill()
        }
        let sink = try PluginUnderTest(program)
        let known = try #require(try sink.configure(settings))
        #expect(known >= acknowledged && acknowledged >= 40 * 3)
        if program.hasSuffix("jsonl") {
            #expect(try positions(in: "out") == Array(1...Int64(known)))
        } else {
            for position in UInt64(1)...known { #expect(try sink.search("number\(position)") == 1) }
            #expect(try sink.search("number\(known + 1)") == 0)
        }
    }

    @Test func aTornLineIsCutOff() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.jsonl"))]
        let first = try PluginUnderTest("millrace-deliver-jsonl")
        _ = try first.configure(settings)
        first.deliver(1...2)
        #expect(try first.delivered() == 2)
        first.kill()
        directory.write("out.jsonl", "{\"position\":3,\"id\":\"000", appending: true)
        let second = try PluginUnderTest("millrace-deliver-jsonl")
        #expect(try second.configure(settings) == 2)
        second.deliver(3...3)
        #expect(try second.delivered() == 3)
        #expect(try positions(in: "out.jsonl") == [1, 2, 3])
    }

    @Test func filesArePutAsideAndRememberedAcrossAStart() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.jsonl")), "rotate_size": 600]
        let first = try PluginUnderTest("millrace-deliver-jsonl")
        _ = try first.configure(settings)
        for position in stride(from: UInt64(1), to: 12, by: 2) {
            first.deliver(position...(position + 1))
            #expect(try first.delivered() == position + 1)
        }
        first.kill()
        let all = try directory.names.sorted { left, right in
            try (positions(in: left).first ?? .max) < (positions(in: right).first ?? .max)
        }
        #expect(all.count > 2)
        #expect(try all.flatMap { try positions(in: $0) } == Array(1...12))
        #expect(all.dropLast().allSatisfy { $0.hasPrefix("out.jsonl.") })
        let second = try PluginUnderTest("millrace-deliver-jsonl")
        #expect(try second.configure(settings) == 12)
    }

    @Test func aDatabaseTakesTheSameAgainWithoutAChange() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.sqlite3"))]
        let first = try PluginUnderTest("millrace-deliver-sqlite")
        #expect(try first.configure(settings) == nil)
        first.deliver(1...5)
        #expect(try first.delivered() == 5)
        first.deliver(6...9)
        usleep(30_000)
        first.kill()

        let second = try PluginUnderTest("millrace-deliver-sqlite")
        let known = try #require(try second.configure(settings))
        #expect(known == 5 || known == 9)
        second.deliver(1...9)
        #expect(try second.delivered() == 9)
        #expect(try second.search("Text") == 9)
        #expect(try second.search("number4") == 1)
    }

    @Test func aRevisionReplacesWhatWasFound() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.sqlite3"))]
        let sink = try PluginUnderTest("millrace-deliver-sqlite")
        _ = try sink.configure(settings)
        sink.deliver(1...3)
        _ = try sink.delivered()
        // The same document comes again at a later position.
        let document: JSONValue = [
            "position": 9, "revision": 2, "id": .string(String(repeating: "0", count: 31) + "2"), "source": "test",
            "uri": "test:2", "title": "Title 2", "text": "Something else entirely.",
        ]
        sink.send(
            .deliver(DeliverRequest(job: 5, sink: "test", first: 9, last: 9, count: 1)),
            body: document.encoded + [UInt8(ascii: "\n")])
        #expect(try sink.delivered() == 9)
        #expect(try sink.search("number2") == 0)
        #expect(try sink.search("entirely") == 1)
        #expect(try sink.search("\"; DROP TABLE documents; --") == 0)
        #expect(try sink.search("Title") == 3)
    }

    /// Documents keep the offsets of their pages; the table's columns sort as text.
    @Test func timesInTheTableAreInUTC() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.sqlite3"))]
        let sink = try PluginUnderTest("millrace-deliver-sqlite")
        _ = try sink.configure(settings)
        let document: JSONValue = [
            "position": 1, "revision": 1, "id": .string(String(repeating: "0", count: 32)), "source": "test",
            "uri": "test:1", "published": "2024-05-01T23:30:00-05:00", "text": "A late evening.",
        ]
        sink.send(
            .deliver(DeliverRequest(job: 5, sink: "test", first: 1, last: 1, count: 1)),
            body: document.encoded + [UInt8(ascii: "\n")])
        #expect(try sink.delivered() == 1)
        sink.send(.search(job: 3, sink: "test", words: "evening", limit: 1))
        let found = String(decoding: try sink.next().1, as: UTF8.self)
        #expect(found.contains("2024-05-02T04:30:00Z"))
    }

    /// What is asked for again stands in a file of its own, and the sink still knows how far it had come.
    @Test func aFileTakesWhatIsDeliveredAgain() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.jsonl"))]
        let first = try PluginUnderTest("millrace-deliver-jsonl")
        _ = try first.configure(settings)
        first.deliver(1...9)
        #expect(try first.delivered() == 9)
        first.deliver(2...3, again: true)
        #expect(try first.delivered() == 3)
        first.deliver(4...5, again: true)
        #expect(try first.delivered() == 5)
        first.kill()
        let second = try PluginUnderTest("millrace-deliver-jsonl")
        #expect(try second.configure(settings) == 9)
        second.deliver(2...3, again: true)
        #expect(try second.delivered() == 3)
        // The next news begins a file of its own.
        second.deliver(8...10)
        #expect(try second.delivered() == 10)
        let aside = "out.jsonl.\(String(repeating: "0", count: 11))9"
        #expect(try positions(in: aside) == Array(1...9))
        #expect(try positions(in: aside + ".2") == [2, 3, 4, 5])
        #expect(try positions(in: aside + ".3") == [2, 3])
        #expect(try positions(in: "out.jsonl") == [10])
    }

    @Test func aDatabaseTakesAgainWhatItLostAndKeepsWhatIsNewer() throws {
        let settings: JSONValue = ["path": .string(directory.file("out.sqlite3"))]
        let first = try PluginUnderTest("millrace-deliver-sqlite")
        _ = try first.configure(settings)
        // Another database than the one that had these: it never saw 1 to 4.
        first.deliver(5...9, revision: 2)
        #expect(try first.delivered() == 9)
        first.deliver(1...6, revision: 1, again: true)
        #expect(try first.delivered() == 6)
        first.kill()
        let second = try PluginUnderTest("millrace-deliver-sqlite")
        #expect(try second.configure(settings) == 9)
        #expect(try second.search("number3") == 1 && second.search("number9") == 1)
        // An older revision of the same document, at an older position, changes nothing.
        let document = """
            {"position":2,"revision":1,"id":"\(String(repeating: "0", count: 31))7","source":"test","uri":"test:7",\
            "title":"Title 7","text":"Something older."}

            """
        second.send(
            .deliver(DeliverRequest(job: 5, sink: "test", first: 2, last: 2, count: 1, again: true)),
            body: Array(document.utf8))
        #expect(try second.delivered() == 2)
        #expect(try second.search("older") == 0)
        #expect(try second.search("number7") == 1)
    }

    /// So that it can be copied as one file.
    @Test(arguments: [true, false]) func aDatabaseIsOneFileBehindAnOrderlyEnd(_ isAsked: Bool) throws {
        let settings: JSONValue = ["path": .string(directory.file("out.sqlite3"))]
        let sink = try PluginUnderTest("millrace-deliver-sqlite")
        _ = try sink.configure(settings)
        sink.deliver(1...5)
        #expect(try sink.delivered() == 5)
        #expect(access(directory.file("out.sqlite3-wal"), F_OK) == 0)
        if isAsked { sink.send(.shutdown) } else { sink.closeInput() }
        #expect(throws: PluginFailure.self) { try sink.next() }
        #expect(access(directory.file("out.sqlite3-wal"), F_OK) != 0)
        let again = try PluginUnderTest("millrace-deliver-sqlite")
        #expect(try again.configure(settings) == 5)
    }

    @Test func aPathThatCanNotBeWrittenIsTold() throws {
        for program in ["millrace-deliver-jsonl", "millrace-deliver-sqlite"] {
            let sink = try PluginUnderTest(program)
            sink.send(.configure(job: 1, sink: "test", settings: ["path": "/proc/nowhere/out"]))
            guard case .failed(let failed) = try sink.next().0 else {
                Issue.record("\(program) took a path that is none")
                continue
            }
            #expect(failed.message.contains("/proc/nowhere"))
        }
    }
}
