import Glibc
import JSON
import PluginProtocol
import TestSupport
import Testing

@testable import HTTPFetching

/// What there is no room for in memory goes to the disk and comes back from there.
@Suite("Bodies on the disk", .serialized)
struct SpillingTests {
    private static let noise: [UInt8] = {
        var generator = SystemRandomNumberGenerator()
        return (0..<200_000).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
    }()

    /// A body of its own for each address.
    private static func body(_ target: String) -> [UInt8] {
        let seed = target.utf8.reduce(7) { $0 &* 31 &+ Int($1) }.magnitude
        return Array(noise[Int(seed % 1_000_003)...].prefix(100_000 + Int(seed % 400_000)))
    }

    private func server() throws -> WebServer {
        try WebServer { request in
            if request.target == "/robots.txt" { return .status("404 None") }
            return WebServer.Answer(headers: ["Content-Type: text/plain"], body: Self.body(request.target))
        }
    }

    /// Limits with which every body goes to the disk.
    private var limits: FetchService.Limits {
        var limits = FetchService.Limits()
        limits.bodies = 1000
        return limits
    }

    private let temporary = TemporaryDirectory()
    private var directory: String { temporary.path }

    /// Whether every address of 40 brought its own body, byte for byte.
    private func expectAll(_ plugin: PluginProcess, window: Int = 4 << 20, _ more: [String: JSONValue] = [:]) throws {
        let server = try server()
        defer { server.stop() }
        let urls = (0..<40).map { server.url("/\($0)") }
        let settings: JSONValue = .object(
            ["urls": .array(urls.map { .string($0) }), "allow_private": true, "max_concurrency": 20].merging(more) {
                $1
            })
        let result = try plugin.fetch(settings, window: window)
        #expect(result.done != nil && result.logs == [], "\(result.failed?.message ?? "")")
        #expect(Set(result.items.map(\.item.description.uri)) == Set(urls))
        let wrong = result.items.filter { item, body in
            let target = "/" + (item.description.uri.split(separator: "/").last ?? "")
            return body != Self.body(target)
        }
        #expect(wrong.isEmpty, "\(wrong.map(\.item.description.uri))")
    }

    @Test("Each body is there byte for byte, with windows of any size", arguments: [1, 300_000, 64 << 20])
    func whole(window: Int) throws {
        try expectAll(PluginProcess(inThisProcess: limits), window: window)
    }

    @Test("Room on the disk for a few bodies at a time is enough for all")
    func little() throws {
        var limits = limits
        limits.spilledBodies = 1_000_000
        try expectAll(PluginProcess(inThisProcess: limits))
    }

    @Test("A disk that is full is not the end of what there is memory for", .enabled(if: NameServer.isPossible))
    func fullDisk() throws {
        let mount = "mount -t tmpfs -o size=1m none \"$0\" && TMPDIR=\"$0\" exec \"$1\""
        let unshare = try #require(Command.find("unshare"))
        let plugin = try PluginProcess(
            starter: [unshare, "--mount", "--propagation", "private", "/bin/sh", "-c", mount, directory])
        let server = try WebServer { .text(String(repeating: $0.target, count: 100_000), "Content-Type: text/plain") }
        defer { server.stop() }
        let urls = (100..<110).map { server.url("/\($0)") }
        let result = try plugin.fetch(
            [
                "urls": .array(urls.map { .string($0) }), "allow_private": true, "robots": false, "max_concurrency": 10,
            ], window: 64 << 20, maximumItemSize: 4 << 20)
        #expect(result.done != nil && result.items.count == 10)
        let bodies = Set(result.items.map(\.body))
        let isRight = bodies == Set((100..<110).map { Array(String(repeating: "/\($0)", count: 100_000).utf8) })
        #expect(isRight)
    }

    @Test("What ends while it waits for room says so, and the place; what has room is whole; it can be fetched again")
    func noRoom() throws {
        let server = try HostileServer()
        defer { server.stop() }
        var limits = limits
        limits.spillDirectory = "/nowhere/at/all"
        let plugin = try PluginProcess(inThisProcess: limits)
        func settings(_ path: String, _ timeout: JSONValue) -> JSONValue {
            [
                "url": .string(server.url(path)), "allow_private": true, "robots": false, "request_timeout": timeout,
            ]
        }
        let first = try plugin.open(settings("/stall", 30))
        usleep(400_000)
        let second = try plugin.open(settings("/large", 0.5))
        let failed = try plugin.finish(second)
        #expect(failed.failed?.kind == .transient)
        #expect(
            failed.failed?.message
                == "\(server.url("/large")) ended while it waited for room for its body: "
                + "/nowhere/at/all: No such file or directory")
        #expect(failed.failed?.remedy?.contains("TMPDIR") == true)
        let whole = try plugin.finish(first)
        #expect(whole.items.first?.body.count == HostileServer.large)
        #expect(try plugin.fetch(settings("/large", 30)).items.first?.body.count == HostileServer.large)
    }

    @Test("After kill -9 nothing is left on the disk")
    func killed() throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess(starter: ["/usr/bin/env", "TMPDIR=\(directory)"])
        _ = try plugin.open(
            ["url": .string(server.url("/half")), "allow_private": true, "robots": false], maximumItemSize: 4 << 20)
        var size: off_t = 0
        for _ in 0..<500 where size < 1_500_000 {
            usleep(10_000)
            size = sizeOfFile(in: directory, of: plugin.process)
        }
        #expect(size >= 1_500_000)
        kill(plugin.process, SIGKILL)
        #expect(plugin.wait() == -1)
        // Which it would not if something were in it.
        #expect(rmdir(directory) == 0)
    }

    /// Bytes of the file in a directory that a process has open.
    private func sizeOfFile(in directory: String, of process: pid_t) -> off_t {
        for descriptor in 3..<512 {
            let path = "/proc/\(process)/fd/\(descriptor)"
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink(path, &target, target.count)
            let name = String(decoding: target[..<max(0, count)].map(UInt8.init(bitPattern:)), as: UTF8.self)
            var status = stat()
            if name.hasPrefix(directory + "/"), name.hasSuffix(" (deleted)"), stat(path, &status) == 0 {
                return status.st_size
            }
        }
        return 0
    }

    @Test("An archive has them whole")
    func archive() throws {
        let plugin = try PluginProcess(inThisProcess: limits)
        try expectAll(plugin, ["archive": "warc", "archive_directory": .string(directory)])
        for target in ["/0", "/17", "/39"] {
            let digest = WARCRecord.digest(Self.body(target)[...])
            try Command.run(["/bin/sh", "-c", "zcat \"$0\"/* | grep -aqF \"Digest: $1\"", directory, digest])
        }
        plugin.closeInput()
    }

    @Test("Cancelled, with bodies on the disk and in line, it gives their room to others")
    func cancelled() throws {
        let server = try server()
        defer { server.stop() }
        var limits = limits
        limits.spilledBodies = 2_000_000
        let plugin = try PluginProcess(inThisProcess: limits)
        for round in 0..<5 {
            let urls = JSONValue.array((0..<20).map { .string(server.url("/\(round)/\($0)")) })
            let job = try plugin.open(["urls": urls, "allow_private": true, "max_concurrency": 20], window: 1)
            while case let message? = try plugin.receive() { if case .item = message { break } }
            try plugin.send(.cancel(job: job))
            _ = try plugin.finish(job)
        }
        try expectAll(plugin)
    }
}
