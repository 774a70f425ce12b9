import Glibc
import HTTPFetching
import JSON
import Testing

/// Bodies of a few bytes that unpack to more than anybody has.
@Suite("Compression bombs", .serialized)
struct CompressionBombTests {
    private static let limit = 1_000_000

    private static func settings(_ urls: [String]) -> JSONValue {
        .object([
            "urls": .array(urls.map { .string($0) }), "allow_private": true, "robots": false, "max_concurrency": 64,
            "request_timeout": 20,
            "max_size": .integer(Int64(limit)),
        ])
    }

    @Test(
        "Each ends at the limit, as what is packed or as what is unpacked, in little memory",
        arguments: CompressionBomb.allCases)
    func limit(bomb: CompressionBomb) throws {
        let server = try HostileServer()
        defer { server.stop() }
        let plugin = try PluginProcess()
        #expect(try plugin.fetch(Self.settings([server.url("/good")])).items.count == 1)
        let before = try Memory.resident(of: plugin.process)
        try Memory.forgetPeak(of: plugin.process)
        let result = try plugin.fetch(Self.settings([server.url("/bomb/\(bomb.rawValue)")]))
        let words = "is larger than \(Self.limit) bytes" + (bomb.isEmpty ? "" : " (unpacked)")
        #expect(result.items.isEmpty && result.failed?.kind == .permanent)
        #expect(result.failed?.message.hasSuffix(words) == true, "\(result.failed?.message ?? "no failure")")
        #expect(result.failed?.remedy?.contains("max_size") == true)
        // Of the page of an error nothing is kept.
        let error = try plugin.fetch(Self.settings([server.url("/oops/\(bomb.rawValue)")]))
        #expect(error.failed?.message.contains("answered 500 No") == true, "\(error.failed?.message ?? "no failure")")
        let peak = try Memory.peak(of: plugin.process)
        #expect(peak - before < 24 << 10, "\(before) KiB, then \(peak) KiB")
        #expect(try plugin.fetch(Self.settings([server.url("/good")])).items.count == 1)
    }

    /// In a process of its own, since limits are set and memory is measured of all that a process does.
    @Test(
        "Twenty at a time, while another body has all the room that there is in memory, or on the disk too",
        arguments: CompressionBomb.allCases, [0, 1 << 30])
    func crowd(bomb: CompressionBomb, onDisk: Int) async {
        await #expect(processExitsWith: .success) { [bomb, onDisk] in
            try Self.crowd(of: bomb, onDisk: onDisk)
        }
    }

    private static func crowd(of bomb: CompressionBomb, onDisk: Int) throws {
        let server = try HostileServer()
        defer { server.stop() }
        var limits = FetchService.Limits()
        (limits.bodies, limits.spilledBodies) = (300_000, onDisk)
        let plugin = try PluginProcess(inThisProcess: limits)
        #expect(try plugin.fetch(settings([server.url("/good")])).items.count == 1)
        let before = try Memory.resident(of: getpid())
        try Memory.forgetPeak(of: getpid())
        let first = try plugin.open(settings([server.url("/stall")]))
        usleep(300_000)
        let urls = (0..<20).map { server.url("/bomb/\(bomb.rawValue)?\($0)") }
        let second = try plugin.open(settings(urls))
        var (isWhole, isOver) = (false, false)
        while !isWhole || !isOver, let message = try plugin.receive() {
            switch message {
            case .item(let item): try plugin.send(.acknowledge(job: item.job, item: item.item))
            case .done(let done) where done.job == first: isWhole = true
            case .failed(let failed) where failed.job == second:
                isOver = true
                #expect(failed.message.contains("20 of 20 addresses failed") && failed.kind == .permanent)
            default: break
            }
        }
        #expect(isWhole && isOver)
        let peak = try Memory.peak(of: getpid())
        #expect(peak - before < 64 << 10, "\(before) KiB, then \(peak) KiB")
    }
}
