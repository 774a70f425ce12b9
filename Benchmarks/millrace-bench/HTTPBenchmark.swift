import ArgumentParser
import CBareFetch
import CSpawn
import Glibc
import JSON

/// Requests a second of the http fetcher, beside a bare program in C that does the same transfers.
struct HTTPBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Requests a second of the http fetcher beside bare libcurl, both from an nginx on loopback.",
        discussion: "Half of the sources answer 304, the other half a page. The two take turns; medians are shown.")

    @Option(help: "Sources, each with an address of its own.")
    var sources = 10_000
    @Option(help: "Hosts that they are spread over.")
    var hosts = 250
    @Option(help: "Bytes of a page.")
    var pageBytes = 20_000
    @Option(help: "How often each of the two fetches everything.")
    var rounds = 5
    @Option(
        help: "A Python that has Scrapy, which then fetches everything once as well (Benchmarks/http/scrapy_fetch.py).")
    var scrapy: String?

    /// Transfers at a time, of both.
    private static let (concurrency, perHost) = (1000, 4)

    /// An address and the entity tag that is known of it.
    struct Source {
        var address: String
        var tag: String?
    }

    func validate() throws {
        guard sources > 0, sources <= 1_000_000 else { throw ValidationError("--sources is 1 to 1000000") }
        guard hosts > 0, hosts <= 60_000 else { throw ValidationError("--hosts is 1 to 60000") }
        guard pageBytes > 0, pageBytes <= 16 << 20 else { throw ValidationError("--page-bytes is 1 to 16777216") }
        guard rounds > 0, rounds <= 1000 else { throw ValidationError("--rounds is 1 to 1000") }
    }

    func run() throws {
        let scratch = try ScratchDirectory(in: "/tmp")
        Self.allowManyDescriptors()
        let server = try MeasuredNginx(in: scratch.path, pageBytes: pageBytes)
        let all = (0..<sources).map { number in
            let host = "127.1.\(number % hosts / 250).\(number % hosts % 250 + 1)"
            let isSame = number / hosts % 2 == 0
            return Source(
                address: "http://\(host):\(server.port)/\(isSame ? "same" : "new")/\(number)",
                tag: isSame ? server.tag : nil)
        }
        let fetcher = try MeasuredFetcher()
        let lines = try fetcher.sentLines()
        var bare: [Figures] = []
        var own: [Figures] = []
        for round in 1...rounds {
            Progress.show("http: round \(round) of \(rounds), bare libcurl")
            bare.append(try measureBare(server, all, lines))
            Progress.show("http: round \(round) of \(rounds), the fetcher")
            own.append(try measure(fetcher, server, all))
        }
        let scrapyFigures = try scrapy.map { python in
            Progress.show("http: Scrapy")
            return try measureScrapy(python, all, in: scratch.path)
        }
        Progress.clear()
        let (ownMedian, bareMedian) = (median(own), median(bare))
        var result: [String: JSONValue] = [
            "benchmark": "http", "sources": .integer(Int64(sources)), "hosts": .integer(Int64(hosts)),
            "page_bytes": .integer(Int64(pageBytes)), "rounds": .integer(Int64(rounds)),
            "fetcher": ownMedian.json(sources), "bare_libcurl": bareMedian.json(sources),
            "requests_per_second_ratio": (bareMedian.seconds / ownMedian.seconds).rounded2,
            "processor_ratio": (bareMedian.processor / ownMedian.processor).rounded2,
            "fetcher_peak_mebibytes": (Double(fetcher.figures.peak) / 1_048_576).rounded2,
        ]
        if let scrapyFigures {
            result["scrapy"] = scrapyFigures.json(sources)
            result["requests_per_second_of_scrapy"] = (scrapyFigures.seconds / ownMedian.seconds).rounded2
        }
        printResult(.object(result))
    }

    private struct Figures {
        var seconds: Double
        var processor: Double
        /// Seconds of a processor that the server took, and whoever takes the pages from the fetcher.
        var server = 0.0
        var reader: Double?

        func json(_ requests: Int) -> JSONValue {
            func microseconds(_ seconds: Double) -> JSONValue { (seconds * 1e6 / Double(requests)).rounded2 }
            var members: [String: JSONValue] = [
                "requests_per_second": (Double(requests) / seconds).rounded2,
                "processor_microseconds_per_request": microseconds(processor),
                "server_processor_microseconds_per_request": microseconds(server),
            ]
            members["reader_processor_microseconds_per_request"] = reader.map(microseconds)
            return .object(members)
        }
    }

    private func median(_ figures: [Figures]) -> Figures {
        figures.sorted { $0.seconds < $1.seconds }[figures.count / 2]
    }

    private func measure(_ fetcher: MeasuredFetcher, _ server: MeasuredNginx, _ all: [Source]) throws -> Figures {
        func processors() -> (fetcher: Double, server: Double, reader: Double) {
            (fetcher.figures.processor, server.figures.processor, ProcessFigures.own().processor)
        }
        let before = processors()
        let clock = ContinuousClock()
        let begin = clock.now
        let result = try fetcher.fetch(all, window: 2 * Self.concurrency)
        let seconds = (clock.now - begin).seconds
        try check(result.changed, result.unchanged, result.bytes, all, result.lastFailure)
        let after = processors()
        return Figures(
            seconds: seconds, processor: after.fetcher - before.fetcher, server: after.server - before.server,
            reader: after.reader - before.reader)
    }

    private func measureScrapy(_ python: String, _ all: [Source], in directory: String) throws -> Figures {
        let list = "\(directory)/addresses"
        let answer = "\(directory)/scrapy.json"
        try Files.write(list, all.map { "\($0.address)\t\($0.tag ?? "")\n" }.joined())
        let output = open(answer, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(output) }
        let arguments = [python, "Benchmarks/http/scrapy_fetch.py", list]
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var options = millrace_spawn_options()
        (options.standard_input, options.standard_output, options.standard_error) = (
            STDIN_FILENO, output, STDERR_FILENO
        )
        options.extra_descriptor = -1
        var failure: Int32 = 0
        let process = millrace_spawn(python, &pointers, environ, &options, &failure)
        guard process > 0 else { throw BenchmarkError("can't start \(python): \(String(cString: strerror(failure)))") }
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
        let result = try JSONValue.parse(try Files.contents(answer))
        func number(_ name: String) -> Double { result[name]?.number ?? 0 }
        try check(Int(number("changed")), Int(number("unchanged")), Int(number("bytes")), all, "Scrapy")
        return Figures(seconds: number("seconds"), processor: number("processor"))
    }

    /// - Parameter lines: what the fetcher sends with each request, which libcurl is given in the way that costs it least.
    private func measureBare(_ server: MeasuredNginx, _ all: [Source], _ lines: [String]) throws -> Figures {
        let addresses = all.map { UnsafePointer(strdup($0.address)) }
        let tags = all.map { $0.tag.map { UnsafePointer(strdup($0)) } ?? nil }
        let lines = lines.map { UnsafePointer(strdup($0)) } + [nil]
        defer { for text in addresses + tags + lines { free(UnsafeMutablePointer(mutating: text)) } }
        var result = bare_fetch_result()
        let before = server.figures.processor
        let failure = bare_fetch(
            addresses, tags, all.count, lines, Int32(Self.concurrency), Int32(Self.perHost), &result)
        guard failure == 0 else { throw BenchmarkError("libcurl: \(String(cString: strerror(failure)))") }
        try check(Int(result.changed), Int(result.unchanged), Int(result.bytes), all, nil)
        return Figures(
            seconds: result.seconds, processor: result.processor_seconds,
            server: server.figures.processor - before)
    }

    /// Everything must have come, or the figures mean nothing.
    private func check(_ changed: Int, _ unchanged: Int, _ bytes: Int, _ all: [Source], _ failure: String?) throws {
        let same = all.count { $0.tag != nil }
        guard unchanged == same, changed == all.count - same, bytes >= changed * pageBytes else {
            throw BenchmarkError(
                "\(changed) pages and \(unchanged) times nothing new came of \(all.count); \(failure ?? "no failure")")
        }
    }

    /// Lets this process, and those that it starts, have as many descriptors as they may.
    static func allowManyDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
