import Glibc
import LogSimulation

// log-histories [COUNT [FIRST-SEED]]: random lives of a log on a simulated disk, until one breaks a promise.
// log-histories faults: plants each fault of a file system in turn, and shows after how many histories it was found.

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments == ["faults"] {
    findFaults()
} else {
    let numbers = arguments.map { UInt64($0) }
    guard numbers.count <= 2, !numbers.contains(nil) else {
        print("usage: log-histories [COUNT [FIRST-SEED]] | log-histories faults")
        exit(2)
    }
    let count = numbers.first.flatMap { $0 } ?? 100_000
    let first = (numbers.count > 1 ? numbers[1] : nil) ?? UInt64.random(in: 0 ... .max / 2)
    live(count, from: first)
}

func live(_ count: UInt64, from first: UInt64) {
    print("\(count) histories, seeds from \(first)")
    for seed in first..<first + count {
        var history = LogHistory(seed: seed)
        do { try history.run() } catch {
            for line in history.story { print(line) }
            print("seed \(seed): \(error)")
            exit(1)
        }
    }
    print("all promises kept")
}

/// What can't fail shows nothing.
func findFaults() {
    for fault in FaultyFileSystem.Fault.allCases {
        let found = (1...20_000).first { seed in
            var history = LogHistory(seed: UInt64(seed)) { FaultyFileSystem($0, fault) }
            do { try history.run() } catch { return true }
            return false
        }
        guard let found else {
            print("\(fault): not found")
            exit(1)
        }
        print("\(fault): found by history \(found)")
    }
}
