import Glibc
import HTTPFetching
import JSON
import PluginProtocol
import TestSupport
import Testing

/// The built program against a server that means harm, and against a core that is slow or gone.
@Suite("http fetcher and a hostile server")
struct HostileServerTests {
    private func settings(_ url: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["url": .string(url), "allow_private": true].merging(more) { $1 })
    }

    @Test(
        "Each ends in the stated failure, and the program works on",
        arguments: Misbehaviour.all)
    func hostility(misbehaviour: Misbehaviour) throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        let result = try plugin.fetch(settings(server.url(misbehaviour.path), misbehaviour.settings))
        #expect(result.items.isEmpty)
        let message = result.failed?.message ?? "no failure"
        #expect(message.contains(misbehaviour.words), "\(message)")
        #expect(result.failed?.remedy?.isEmpty == false, "\(message)")
        #expect(!message.contains("unpacked"), "nothing here is packed: \(message)")
        #expect(try plugin.fetch(settings(server.url("/good"))).items.count == 1)
    }

    @Test("A redirect is followed even if its own body never ends, and brings no credentials in")
    func redirects() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(settings(server.url("/endless-redirect"))).items.count == 1)
        let result = try plugin.fetch(settings(server.url("/userinfo")))
        #expect(result.items.first?.item.description.uri == server.url("/good"))
    }

    @Test("Nothing listens; a name without address")
    func noServer() throws {
        let plugin = try PluginProcess()
        let port = try freePort()
        let refused = try plugin.fetch(settings("http://127.0.0.1:\(port)/"))
        #expect(refused.failed?.kind == .transient)
        #expect(refused.failed?.message.contains("nobody listens on 127.0.0.1:\(port)") == true)
        let unknown = try plugin.fetch(settings("http://nothing.invalid/"))
        #expect(unknown.failed?.message.contains("nothing.invalid has no address") == true)
        let proxied = try plugin.fetch(
            settings("http://example.org/", ["proxy": .string("http://me:hunter2@127.0.0.1:\(port)")]))
        #expect(proxied.failed?.message.contains("the proxy") == true)
        #expect(proxied.failed.map { "\($0)".contains("hunter2") } == false)
    }

    @Test("A slow job holds up no other, and ends when it is cancelled")
    func independence() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        let slow = try plugin.open(settings(server.url("/silent")))
        #expect(try plugin.fetch(settings(server.url("/good"))).items.count == 1)
        try plugin.send(.cancel(job: slow))
        let end = try plugin.finish(slow)
        #expect(end.done != nil && end.items.isEmpty)
    }

    @Test("No more than the window is sent without acknowledgement, and no more is fetched either")
    func window() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        let urls = JSONValue.array((0..<40).map { .string(server.url("/good?\($0)")) })
        let job = try plugin.open(["urls": urls, "allow_private": true], window: 20)
        var items = 0
        while let message = try plugin.receive(within: 500) { if case .item = message { items += 1 } }
        // 9 bytes each: two fit; those that were under way at that moment wait in the plugin.
        #expect(items == 2)
        // robots.txt, and the transfers that one host may have.
        #expect(server.requests.load(ordering: .relaxed) <= 1 + 2 + 4)
        try plugin.send(.acknowledge(job: job, item: 2))
        let rest = try plugin.finish(job)
        #expect(rest.items.count == 38)
        #expect(rest.items.last?.item.item == 40)
        #expect(rest.done?.unchanged == false)
    }

    @Test("An item larger than the window goes alone")
    func largerThanWindow() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        let urls = JSONValue.array((0..<5).map { .string(server.url("/good?\($0)")) })
        #expect(try plugin.fetch(["urls": urls, "allow_private": true], window: 1).items.count == 5)
    }

    @Test(
        "With little memory for bodies, and no room or much on the disk, all of them come to their end all the same",
        arguments: [0, 300_000, 1 << 30])
    func memory(onDisk: Int) throws {
        let server = try HostileServer()
        defer { server.stop() }
        var limits = FetchService.Limits()
        (limits.bodies, limits.spilledBodies) = (300_000, onDisk)
        let plugin = try PluginProcess(inThisProcess: limits)
        let urls = JSONValue.array((0..<30).map { .string(server.url("/large?\($0)")) })
        let result = try plugin.fetch(["urls": urls, "allow_private": true, "max_concurrency": 10])
        #expect(result.items.count == 30)
        #expect(result.items.allSatisfy { $0.body.count == HostileServer.large })
    }

    @Test("A job that takes long shows that it lives, as often as its source needs it", arguments: [true, false])
    func heartbeat(isOfSource: Bool) throws {
        let server = try HostileServer()
        defer { server.stop() }
        var limits = FetchService.Limits()
        if !isOfSource { limits.heartbeat = 50 }
        let plugin = try PluginProcess(inThisProcess: limits)
        let job = try plugin.open(
            settings(server.url("/silent"), ["robots": false, "timeout": isOfSource ? 0.2 : 300]))
        for _ in 0..<3 {
            guard case .log(.debug, let text, job)? = try plugin.receive() else { throw Missing() }
            #expect(text == "0 of 1 fetched, 1 on their way")
        }
    }

    private struct Missing: Error {}

    @Test("Through a proxy: what the address says is checked, the proxy itself is not")
    func proxy() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        func fetch(_ url: String) throws -> PluginProcess.Result {
            try plugin.fetch(["url": .string(url), "proxy": .string(server.url(""))])
        }
        // The server answers any request as if it were the proxy.
        #expect(try fetch("http://example.org/good").items.count == 1)
        #expect(try fetch("http://10.0.0.1/good").failed?.message.contains("10.0.0.1, a private address") == true)
        #expect(try fetch("http://localhost/good").failed?.kind == .configuration)
        for host in ["localhost.", "a.localhost.", "127.0.0.1.", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"] {
            #expect(try fetch("http://\(host)/good").failed?.kind == .configuration, "\(host)")
        }
        #expect(try fetch("https://169.254.169.254/").failed?.message.contains("metadata") == true)
    }

    @Test("Only so many transfers at a time go to one host, over all jobs")
    func concurrency() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        var jobs: [Int64] = []
        for job in 0..<3 {
            let urls = JSONValue.array((0..<10).map { .string(server.url("/hold?\(job)-\($0)")) })
            jobs.append(try plugin.open(["urls": urls, "allow_private": true, "max_concurrency": 2]))
        }
        var ended = 0
        var items = 0
        while ended < 3, let message = try plugin.receive() {
            switch message {
            case .item: items += 1
            case .done: ended += 1
            default: break
            }
        }
        #expect(items == 30)
        #expect(server.mostAtWork.load(ordering: .relaxed) <= 2)
    }

    @Test(
        "The end of standard input, and shutdown, end the program in the middle of transfers", arguments: [true, false])
    func shutdown(byEndOfInput: Bool) throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        _ = try plugin.open(settings(server.url("/silent")))
        try plugin.send(.ping(id: 7))
        #expect(try plugin.receive() == .pong(id: 7))
        if byEndOfInput { plugin.closeInput() } else { try plugin.send(.shutdown) }
        #expect(plugin.wait() == 0)
    }

    @Test("A core that breaks the protocol ends the program with an error")
    func brokenCore() throws {
        let plugin = try PluginProcess()
        try plugin.send(raw: Array("no JSON\n".utf8))
        #expect(plugin.wait() == 1)
    }

    @Test("With nothing to do the program sleeps")
    func idle() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(settings(server.url("/good"))).items.count == 1)
        usleep(200_000)
        let before = try switches(of: plugin.process)
        usleep(1_500_000)
        #expect(try switches(of: plugin.process) == before)
    }

    /// How often a process has been put to sleep and woken.
    private func switches(of process: pid_t) throws -> String {
        let file = try #require(fopen("/proc/\(process)/status", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix("voluntary_ctxt_switches") { return text }
        }
        return ""
    }
}
