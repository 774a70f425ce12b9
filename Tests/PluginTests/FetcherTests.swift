import CSpawn
import Glibc
import JSON
import PluginProtocol
import TestSupport
import Testing

/// Fetchers by themselves: what they bring, and what they refuse.
@Suite(
    .serialized, .enabled(if: PluginUnderTest.isBuilt("millrace-fetch-exec"), "the plugins are not built: swift build"))
struct FetcherTests {
    let directory = TemporaryDirectory()

    // MARK: exec

    @Test func aCommandsOutputIsAnItem() throws {
        let plugin = try PluginUnderTest("millrace-fetch-exec")
        plugin.fetch(["command": ["printf", "%s", "what it says"]])
        let (message, body) = try plugin.next()
        guard case .item(let item) = message else { throw PluginFailure("sent \(message)") }
        #expect(item.item == 1)
        #expect(String(decoding: body, as: UTF8.self) == "what it says")
        plugin.send(.acknowledge(job: 1, item: 1))
        guard case .done = try plugin.next().0 else { throw PluginFailure("no end") }
    }

    @Test func aCommandThatFailsHangsOrFloodsIsTold() throws {
        let plugin = try PluginUnderTest("millrace-fetch-exec")
        plugin.fetch(["command": ["sh", "-c", "echo broken >&2; exit 4"]])
        guard case .failed(let failed) = try plugin.next().0 else { throw PluginFailure("it did not fail") }
        #expect(failed.message.contains("4") && failed.message.contains("broken"))

        plugin.fetch(["command": ["sleep", "60"], "deadline": 1], job: 2)
        guard case .failed(let hung) = try plugin.next().0 else { throw PluginFailure("it did not fail") }
        #expect(hung.message.contains("1"))

        plugin.fetch(["command": ["yes"]], job: 3, largestItem: 10_000)
        switch try plugin.next().0 {
        case .failed(let flooded): #expect(flooded.message.contains("10000"))
        case .rejected(let flooded): #expect(flooded.reason.contains("10000"))
        case let other: Issue.record("sent \(other)")
        }

        plugin.fetch(["command": ["/nowhere/at/all"]], job: 4)
        var answer = try plugin.next().0
        if case .done = answer { answer = try plugin.next().0 }
        guard case .failed(let missing) = answer else { throw PluginFailure("it did not fail: \(answer)") }
        #expect(missing.message.contains("/nowhere/at/all"))
    }

    /// A command that closes its output and runs on is held to its deadline as well.
    @Test func aCommandThatHidesIsEnded() throws {
        let plugin = try PluginUnderTest("millrace-fetch-exec")
        plugin.fetch(["command": ["sh", "-c", "exec >&- 2>&-; sleep 60"], "deadline": 1])
        guard case .failed(let failed) = try plugin.next().0 else { throw PluginFailure("it did not fail") }
        #expect(failed.message.contains("longer"))
        plugin.fetch(["command": ["sh", "-c", "echo early; exec >&- 2>&-; sleep 0.2; exit 3"]], job: 2)
        guard case .failed(let late) = try plugin.next().0 else { throw PluginFailure("it did not fail") }
        #expect(late.message.contains("3"))
    }

    // MARK: stdin

    /// All records that a fetcher makes of `input`, and how many bytes of them.
    private func records(
        _ input: String, _ framing: String, largestItem: Int = 1 << 20, rejected: ((RejectedItem) -> Void)? = nil
    ) throws -> [String] {
        var ends: [Int32] = [-1, -1]
        #expect(millrace_pipe(&ends) == 0)
        _ = write(ends[1], input, input.utf8.count)
        close(ends[1])
        let plugin = try PluginUnderTest("millrace-fetch-stdin", input: ends[0])
        close(ends[0])
        plugin.fetch(["records": .string(framing)], largestItem: largestItem)
        var bodies: [String] = []
        while true {
            let (message, body) = try plugin.next()
            switch message {
            case .item(let item):
                bodies.append(String(decoding: body, as: UTF8.self))
                plugin.send(.acknowledge(job: 1, item: item.item))
            case .rejected(let item):
                rejected?(item)
                plugin.send(.acknowledge(job: 1, item: item.item))
            case .watching: continue
            case .done: return bodies
            default: throw PluginFailure("sent \(message)")
            }
        }
    }

    @Test func standardInputIsCutByItsFraming() throws {
        #expect(try records("one\ntwo\n", "lines").joined() == "one\ntwo\n")
        #expect(try records("one\0two\0", "nul").joined() == "one\0two\0")
        #expect(try records("{\"a\":1}\n{\"a\":2}", "json").joined() == "{\"a\":1}\n{\"a\":2}")
        #expect(try records("all of\nit", "whole") == ["all of\nit"])
        #expect(try records("", "lines").isEmpty)
    }

    /// A record every few milliseconds never leaves the pipe quiet; the first ones go on all the same.
    @Test func aSteadyTrickleIsPassedOnWhileItLasts() throws {
        let trickle = "i=0; while [ $i -lt 400 ]; do echo record $i || exit; i=$((i+1)); sleep 0.02; done"
        let pipe = try #require(popen(trickle, "r"))
        defer { pclose(pipe) }
        let plugin = try PluginUnderTest("millrace-fetch-stdin", input: fileno(pipe))
        plugin.fetch(["records": "lines", "idle": 0.9])
        while true {
            let (message, body) = try plugin.next()
            if case .watching = message { continue }
            guard case .item = message else { throw PluginFailure("sent \(message)") }
            let records = String(decoding: body, as: UTF8.self)
            #expect(records.hasPrefix("record 0\n"))
            #expect(!records.contains("record 399\n"))
            return
        }
    }

    /// Small limits cut the stream into small items; only the records that are too long themselves are refused.
    @Test func onlyRecordsThatAreTooLongAreRefused() throws {
        let long = String(repeating: "x", count: 150)
        let lines = (1...300).map { number in
            number % 100 == 50 ? "\(number) \(long)\n" : "\(number) short\n"
        }
        var refused: [String] = []
        let bodies = try records(lines.joined(), "lines", largestItem: 100) { refused.append($0.reason) }
        #expect(bodies.joined() == lines.filter { $0.utf8.count <= 100 }.joined())
        #expect(bodies.allSatisfy { $0.utf8.count <= 100 && $0.hasSuffix("\n") })
        #expect(refused.count == 3)
        for (reason, number) in zip(refused, [50, 150, 250]) { #expect(reason.contains("record \(number) ")) }
        // A half record at the end is taken; one that is too long is not.
        refused = []
        #expect(try records("a\nhalf", "lines", largestItem: 100) { refused.append($0.reason) }.joined() == "a\nhalf")
        #expect(refused.isEmpty)
        #expect(try records("a\n" + long, "lines", largestItem: 100) { refused.append($0.reason) } == ["a\n"])
        #expect(refused.count == 1)
        // One that fits exactly, with its end.
        let exact = String(repeating: "y", count: 99) + "\n"
        #expect(try records(exact + exact, "lines", largestItem: 100) == [exact, exact])
    }

    // MARK: directory

    /// Items until nothing more comes for a while.
    private func items(_ plugin: PluginUnderTest) throws -> [String: String] {
        var found: [String: String] = [:]
        while true {
            guard let (message, body) = try? plugin.next(within: 1) else { return found }
            switch message {
            case .item(let item):
                found[String(item.description.uri.split(separator: "/").last ?? "")] = String(
                    decoding: body, as: UTF8.self)
                plugin.send(.acknowledge(job: 1, item: item.item))
            case .rejected(let item): plugin.send(.acknowledge(job: 1, item: item.item))
            case .watching: continue
            default: throw PluginFailure("sent \(message)")
            }
        }
    }

    @Test func aFileThatIsBeingWrittenIsLeftUntilItIsWhole() throws {
        mkdir(directory.file("in"), 0o755)
        let plugin = try PluginUnderTest("millrace-fetch-directory")
        plugin.fetch(["path": .string(directory.file("in")), "settle": 5])
        #expect(try items(plugin).isEmpty)

        let descriptor = open(directory.file("in/slow.txt"), O_WRONLY | O_CREAT, 0o644)
        _ = write(descriptor, "half ", 5)
        #expect(throws: PluginFailure.self) { try plugin.next(within: 1) }
        _ = write(descriptor, "and half", 8)
        close(descriptor)
        let (message, body) = try plugin.next()
        guard case .item(let item) = message else { throw PluginFailure("sent \(message)") }
        #expect(item.description.uri.hasSuffix("slow.txt"))
        #expect(String(decoding: body, as: UTF8.self) == "half and half")
    }

    @Test func globsAreObeyedAndLinksAreNotFollowed() throws {
        mkdir(directory.file("in"), 0o755)
        mkdir(directory.file("in/sub"), 0o755)
        mkdir(directory.file("out"), 0o755)
        directory.write("out/secret.txt", "not to be read")
        directory.write("in/a.txt", "a")
        directory.write("in/sub/b.txt", "b")
        directory.write("in/sub/c.bak", "c")
        directory.write("in/d.md", "d")
        symlink("../out", directory.file("in/up"))
        symlink("../out/secret.txt", directory.file("in/secret.txt"))
        mkfifo(directory.file("in/pipe.txt"), 0o644)
        let plugin = try PluginUnderTest("millrace-fetch-directory")
        plugin.fetch([
            "path": .string(directory.file("in")), "settle": 0.1, "include": ["**/*.txt"], "exclude": ["sub/x*"],
        ])
        #expect(try items(plugin).keys.sorted() == ["a.txt", "b.txt"])
    }

    /// What is known of a directory, so that the next job goes on from there.
    private func state(_ plugin: PluginUnderTest, _ state: inout [String: JSONValue]) throws -> [(String, String)] {
        var found: [(String, String)] = []
        while true {
            switch try plugin.next() {
            case (.item(let item), let body):
                found.append((item.description.key ?? "", String(decoding: body, as: UTF8.self)))
                state.merge(item.state) { $1 }
                plugin.send(.acknowledge(job: item.job, item: item.item))
            case (.done(let done), _):
                state.merge(done.state) { $1 }
                state = state.filter { !$0.value.isNull }
                return found
            case (.watching, _): continue
            case (let other, _): throw PluginFailure("sent \(other)")
            }
        }
    }

    @Test func aChangedFileIsTheSameThingAgain() throws {
        mkdir(directory.file("in"), 0o755)
        directory.write("in/a.txt", "first")
        directory.write("in/b.txt", "other")
        let settings: JSONValue = ["path": .string(directory.file("in")), "settle": 0, "watch": false]
        var known: [String: JSONValue] = [:]
        func run() throws -> [String] {
            // A new process each time: all that it knows is what was committed.
            let plugin = try PluginUnderTest("millrace-fetch-directory")
            plugin.fetch(settings, state: known)
            return try state(plugin, &known).map { "\($0.0)=\($0.1)" }.sorted()
        }
        #expect(try run() == ["a.txt=first", "b.txt=other"])
        #expect(try run().isEmpty)
        // Touched, but not changed.
        utimensat(AT_FDCWD, directory.file("in/b.txt"), nil, 0)
        #expect(try run().isEmpty)
        // Changed: the same key, so its document becomes a revision.
        directory.write("in/a.txt", "second")
        #expect(try run() == ["a.txt=second"])
        // Replaced, as editors do it.
        directory.write("in/new", "third")
        rename(directory.file("in/new"), directory.file("in/a.txt"))
        #expect(try run() == ["a.txt=third"])
        // Moved: nothing new; changed there, it is still what it was.
        rename(directory.file("in/a.txt"), directory.file("in/c.txt"))
        #expect(try run().isEmpty)
        directory.write("in/c.txt", "fourth")
        #expect(try run() == ["a.txt=fourth"])
        // Gone and come again.
        unlink(directory.file("in/b.txt"))
        #expect(try run().isEmpty)
        #expect(known.keys.sorted() == ["c.txt"])
    }
}
