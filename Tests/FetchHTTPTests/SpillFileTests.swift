import Glibc
import TestSupport
import Testing

@testable import HTTPFetching

@Suite("Bodies on the disk: the file")
struct SpillFileTests {
    private static func bytes(_ count: Int, _ seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ seed) ^ $0 >> 8) }
    }

    private func append(_ bytes: [UInt8], _ file: SpillFile, _ region: inout SpillFile.Region) throws(SpillFile.Fault) {
        var fault: SpillFile.Fault?
        bytes.withUnsafeBytes { bytes in
            do throws(SpillFile.Fault) { try file.append(bytes, to: &region) } catch { fault = error }
        }
        if let fault { throw fault }
    }

    @Test(
        "Bodies that come at the same time, in pieces of any size, are read back as they came; their room is used again"
    )
    func interleaved() throws {
        let file = SpillFile(directory: "/tmp", limit: 64 << 20)
        let bodies = (0..<20).map { Self.bytes([1, 16_384, 65_536, 65_537, 300_001][$0 % 5], $0) }
        for round in 0..<3 {
            var regions = bodies.map { _ in SpillFile.Region() }
            for step in 0..<1000 {
                for (index, body) in bodies.enumerated() {
                    let begin = regions[index].count
                    guard begin < body.count else { continue }
                    let end = min(body.count, begin + [1, 4000, 16_384, 100_000][(index + step) % 4])
                    try append(Array(body[begin..<end]), file, &regions[index])
                }
            }
            #expect(zip(regions, bodies).allSatisfy { $0.count == $1.count })
            for index in bodies.indices where index % 2 == round % 2 {
                #expect(try file.read(regions[index]) == bodies[index])
                file.remove(&regions[index])
                #expect(regions[index].count == 0)
            }
            #expect(file.size > 0)
            // What is written to the room of others leaves those alone that are still there.
            var more = SpillFile.Region()
            try append(Self.bytes(500_000, 99), file, &more)
            for index in bodies.indices where index % 2 != round % 2 {
                #expect(try file.read(regions[index]) == bodies[index])
                file.remove(&regions[index])
            }
            #expect(try file.read(more) == Self.bytes(500_000, 99))
            file.remove(&more)
            #expect(file.size == 0)
        }
    }

    @Test("Above its limit it takes nothing, and what it has is whole; there is room again when a body goes")
    func limit() throws {
        let file = SpillFile(directory: "/tmp", limit: 2 * 65_536)
        var (first, second) = (SpillFile.Region(), SpillFile.Region())
        let begin = Self.bytes(60_000, 1)
        try append(begin, file, &first)
        try append([1, 2, 3], file, &second)
        #expect(!file.mayHaveRoom(now: MonotonicClock.milliseconds))
        #expect(throws: SpillFile.Fault.full("bodies take 0 MiB in /tmp, which is all that they may")) {
            try append(Self.bytes(10_000, 2), file, &first)
        }
        #expect(first.count == 60_000)
        #expect(try file.read(first) == begin)
        #expect(try file.read(second) == [1, 2, 3])
        file.remove(&second)
        #expect(file.mayHaveRoom(now: MonotonicClock.milliseconds))
        try append(Self.bytes(10_000, 2), file, &first)
        #expect(try file.read(first) == begin + Self.bytes(10_000, 2))
    }

    @Test("A place that can't be written to is said, and tried again after a second")
    func noPlace() throws {
        let temporary = TemporaryDirectory()
        let directory = temporary.file("later")
        let file = SpillFile(directory: directory, limit: 1 << 20)
        var region = SpillFile.Region()
        let fault = SpillFile.Fault.full("\(directory): No such file or directory")
        #expect(throws: fault) { try append([1], file, &region) }
        #expect(mkdir(directory, 0o700) == 0)
        #expect(throws: fault) { try append([1], file, &region) }
        let retry = try #require(file.retryTime)
        #expect(!file.mayHaveRoom(now: retry - 1) && file.mayHaveRoom(now: retry))
        while MonotonicClock.milliseconds < retry { usleep(10_000) }
        try append([1], file, &region)
        #expect(try file.read(region) == [1])
    }
}
