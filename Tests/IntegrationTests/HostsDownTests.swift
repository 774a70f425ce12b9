import Document
import Glibc
import JSON
import Testing

/// Many hosts that can't be reached, beside one that can.
@Suite(
    .serialized,
    .enabled(if: RunningDaemon.isBuilt && WebServer.isInstalled, "nginx is not installed: apt-get install nginx"))
struct HostsDownTests {
    let directory = Workspace()

    @Test("A hundred hosts that are down in three ways: each is told with a remedy, and a good source is undisturbed")
    func hundred() throws {
        directory.makeDirectory("www")
        directory.write("www/page.html", "<html><title>Mill</title><p>The mill stands at the river.</html>")
        let server = try WebServer(directory)
        let hole = try BlackHole()
        var sources = source("good", "http://127.0.0.1:\(server.port)/page.html", every: "1s")
        for number in 0..<34 { sources += source("refused\(number)", "http://down\(number).localhost:1/") }
        for number in 0..<33 { sources += source("silent\(number)", "http://hole\(number).localhost:\(hole.port)/") }
        for number in 0..<33 { sources += source("unknown\(number)", "http://gone\(number).invalid/") }
        let daemon = try RunningDaemon(sources, in: directory)
        let start = ContinuousClock.now
        func failed(_ times: Int64) throws -> Int {
            (try daemon.get("sources")["sources"]?.array ?? []).count { $0["failures"]?.integer ?? 0 >= times }
        }
        try wait("all to fail twice", seconds: 90) { try failed(2) == 100 }
        let seconds = Double((ContinuousClock.now - start).components.seconds)
        let runs = server.log.split(separator: "\n").count
        #expect(Double(runs) >= seconds / 3, "\(runs) runs in \(seconds) s")
        let good = try daemon.get("sources", "good")
        #expect(good["failures"]?.integer == 0 && good["last_error"] == nil)
        // A failure and the wait after it, for each of them.
        var waits: Set<Double> = []
        for detail in try daemon.get("sources")["sources"]?.array ?? [] where detail["name"]?.string != "good" {
            let name = detail["name"]?.string ?? "?"
            let number = name.drop { !$0.isNumber }
            let words =
                name.hasPrefix("refused")
                ? "nobody listens on down\(number).localhost:1"
                : name.hasPrefix("silent")
                    ? "timed out in connecting after 2 s" : "the name gone\(number).invalid has no address"
            #expect(detail["last_error"]?["what"]?.string?.contains(words) == true, "\(detail)")
            #expect(detail["last_error"]?["remedy"]?.string?.isEmpty == false, "\(detail)")
            // It runs for the next time.
            guard detail["next_run"]?.string != nil else { continue }
            #expect(detail["next_run_reason"]?.string == "failure", "\(detail)")
            let last = try #require(detail["last_run"]?.string.flatMap { Timestamp(rfc3339: $0) }, "\(detail)")
            let next = try #require(detail["next_run"]?.string.flatMap { Timestamp(rfc3339: $0) }, "\(detail)")
            let wait = Double(next.milliseconds - last.milliseconds) / 1000
            // The second wait, with what it may be shortened by.
            #expect(wait > 5 && wait < 3600, "\(detail)")
            waits.insert(wait)
        }
        #expect(waits.count > 60, "they do not all come again at the same moment: \(waits.count)")
        for (name, words) in [
            ("refused7", "nobody listens on down7.localhost:1"), ("silent7", "timed out in connecting after 2 s"),
            ("unknown7", "the name gone7.invalid has no address"),
        ] {
            let detail = try daemon.get("sources", name)
            #expect(detail["last_error"]?["what"]?.string?.contains(words) == true, "\(detail)")
            #expect(detail["last_error"]?["remedy"]?.string?.isEmpty == false, "\(detail)")
            #expect(detail["next_run_reason"]?.string == "failure", "\(detail)")
            let program = ["\(RunningDaemon.programs)/millracectl", "sources", "show", "--socket", directory.path("s")]
            _ = try Process(program + [name], output: directory.path("shown")).waitForEnd()
            let shown = directory.read("shown")
            #expect(shown.contains(words) && shown.contains("\nremedy        "), "\(shown)")
            #expect(shown.contains("the wait after "), "\(shown)")
        }
        let children = try daemon.children()
        let fetcher = try #require(children.first { $0.key.contains("http") }, "\(children)")
        #expect(try resident(fetcher.value) < 64 << 10)
        #expect(descriptors(fetcher.value) < 400)
        #expect(daemon.stop() == 0)
    }

    private func source(_ name: String, _ url: String, every: String = "1h") -> String {
        """
        [source.\(name)]
        plugin = "http"
        url = "\(url)"
        allow_private = true
        robots = false
        connect_timeout = "2s"
        every = "\(every)"

        """
    }

    /// KiB of memory, at the most so far.
    private func resident(_ process: Int32) throws -> Int {
        let file = try #require(fopen("/proc/\(process)/status", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix("VmHWM:") { return Int(text.filter(\.isNumber)) ?? .max }
        }
        return .max
    }

    private func descriptors(_ process: Int32) -> Int {
        guard let stream = opendir("/proc/\(process)/fd") else { return .max }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count
    }
}

/// A port whose queue of connections is full: whoever connects hears nothing.
private final class BlackHole {
    let port: UInt16
    private var descriptors: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(listener)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 0) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure("no port on loopback") }
        port = UInt16(bigEndian: address.sin_port)
        for _ in 0..<4 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(client)
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(client, $0, length) }
            }
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
