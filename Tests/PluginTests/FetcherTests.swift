import CSpawn
import Glibc
import JSON
import PluginProtocol
import Testing

/// Fetchers by themselves: what they bring, and what they refuse.
@Suite(
    .serialized, .enabled(if: PluginUnderTest.isBuilt("millrace-fetch-exec"), "the plugins are not built: swift build"))
struct FetcherTests {
    let directory = Directory()

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

    // MARK: stdin

    /// All records that a fetcher makes of `input`, and how many bytes of them.
    private func records(_ input: String, _ framing: String) throws -> [String] {
        var ends: [Int32] = [-1, -1]
        #expect(millrace_pipe(&ends) == 0)
        _ = write(ends[1], input, input.utf8.count)
        close(ends[1])
        let plugin = try PluginUnderTest("millrace-fetch-stdin", input: ends[0])
        close(ends[0])
        plugin.fetch(["records": .string(framing)])
        var bodies: [String] = []
        while true {
            let (message, body) = try plugin.next()
            switch message {
            case .item(let item):
                bodies.append(String(decoding: body, as: UTF8.self))
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
}
