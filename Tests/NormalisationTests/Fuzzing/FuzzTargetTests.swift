import Glibc
import Testing

/// What `make fuzz` checks, in every run of the tests: its targets are compiled here too, and each takes its seeds and a few
/// hundred inputs made of them. A target traps where something does not hold; the input then stands in the message above.
@Suite struct FuzzTargetTests {
    private static let inputs = 300

    @Test(arguments: FuzzTarget.allCases)
    func holdsForItsSeedsAndWhatIsMadeOfThem(_ target: FuzzTarget) throws {
        let seeds = try Self.seeds(of: target)
        try #require(!seeds.isEmpty)
        let body = target.body
        for seed in seeds { body(seed) }
        var random = Randomness(state: 4)
        for _ in 0..<Self.inputs {
            // The end of another one makes inputs that no single seed is near.
            let other = seeds[random.next(seeds.count)]
            let seed = seeds[random.next(seeds.count)] + other[random.next(other.count)...]
            body(random.mutated(random.next(2) == 0 ? seed : other))
        }
    }

    /// The files in `Fuzzing/Seeds` that are not empty.
    private static func seeds(of target: FuzzTarget) throws -> [[UInt8]] {
        var root = String(describing: #filePath)
        for _ in 0..<4 { root = String(root[..<(root.lastIndex(of: "/") ?? root.startIndex)]) }
        let path = "\(root)/Fuzzing/Seeds/\(target.rawValue)"
        guard let directory = opendir(path) else { throw Failure(reason: "can't read \(path)") }
        defer { closedir(directory) }
        var seeds: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let file = fopen("\(path)/\(name)", "rb") else { continue }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = fread(&bytes, 1, bytes.count, file)
            if count > 0 { seeds.append(Array(bytes[..<count])) }
        }
        return seeds
    }
}
