import CLibFuzzer
import Glibc

/// A C function can't capture the target; it is set once, before the only thread calls it.
nonisolated(unsafe) private var chosen: ([UInt8]) -> Void = { _ in }

/// Fuzzes one target: `millrace-fuzz TARGET [libFuzzer's options] CORPUS…`.
@main
enum MillraceFuzz {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        guard let name = arguments.first, let target = FuzzTarget(rawValue: name) else {
            print("usage: millrace-fuzz TARGET [option…] [directory…]")
            print("targets: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))")
            exit(2)
        }
        chosen = target.body
        arguments[0] = "millrace-fuzz"
        var count = Int32(arguments.count)
        // Never freed: the driver keeps them until the process ends.
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let status = pointers.withUnsafeMutableBufferPointer { buffer -> Int32 in
            var base = buffer.baseAddress
            return LLVMFuzzerRunDriver(&count, &base) { data, size in
                chosen(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
        exit(status)
    }
}
