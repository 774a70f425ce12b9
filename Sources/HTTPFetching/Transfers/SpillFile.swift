import CCurl
import Glibc

/// A file without a name for bodies that there is no room for in memory. All share it, in blocks, so that it costs one
/// descriptor however many there are; the kernel forgets it with the process, whatever ends that.
///
/// It is written and read in the only thread there is: what is written goes to the page cache, and what is read back soon
/// comes from there.
final class SpillFile {
    /// The bytes of one body.
    struct Region {
        fileprivate var blocks: [UInt32] = []
        fileprivate(set) var count = 0
    }

    /// Why a body can't be written or read.
    enum Fault: Error, Equatable {
        /// There is no room now; there may be some later.
        case full(String)
        /// The bytes are lost.
        case broken(String)
    }

    private static let blockSize = 64 << 10
    /// Milliseconds after which a full disk is tried again.
    private static let retryAfter: UInt64 = 1000
    /// `O_TMPFILE` (without `O_DIRECTORY`), which the Glibc module leaves out.
    private static let withoutName: Int32 = 0o20000000

    private let directory: String
    private let mostBlocks: Int
    private var descriptor: Int32 = -1
    /// Blocks below `end` that no body has.
    private var free: [UInt32] = []
    private var end: UInt32 = 0
    private var canPunch = true
    /// Since when the disk has no room, on the monotonic clock, and what it said.
    private var refusal: (time: UInt64, reason: String)?

    /// A file that is made when it is needed.
    /// - Parameter limit: bytes of it.
    init(directory: String, limit: Int) {
        self.directory = directory
        mostBlocks = min(limit / Self.blockSize, Int(UInt32.max))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Bytes on the disk, in whole blocks.
    var size: Int { (Int(end) - free.count) * Self.blockSize }

    /// When a full disk is to be tried again, on the monotonic clock.
    var retryTime: UInt64? { refusal.map { $0.time &+ Self.retryAfter } }

    /// Whether it is worth trying to write some bytes.
    func mayHaveRoom(now: UInt64) -> Bool {
        if let retryTime, now < retryTime { return false }
        return !free.isEmpty || end < mostBlocks
    }

    /// Adds bytes to a body: all, or none where it throws.
    func append(_ bytes: UnsafeRawBufferPointer, to region: inout Region) throws(Fault) {
        if let refusal, MonotonicClock.milliseconds < refusal.time &+ Self.retryAfter { throw .full(refusal.reason) }
        refusal = nil
        try open()
        var rest = bytes[...]
        var position = region.count
        while !rest.isEmpty {
            let (index, offset) = position.quotientAndRemainder(dividingBy: Self.blockSize)
            if index == region.blocks.count { region.blocks.append(try takeBlock()) }
            let count = pwrite(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                min(rest.count, Self.blockSize - offset),
                Self.position(region.blocks[index]) + off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fault(count < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(count)
            position += count
        }
        region.count = position
    }

    /// The bytes of a body.
    func read(_ region: Region) throws(Fault) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: region.count) { buffer, length in
            while length < region.count {
                let (index, offset) = length.quotientAndRemainder(dividingBy: Self.blockSize)
                let wanted = min(region.count - length, Self.blockSize - offset)
                let count = pread(
                    descriptor, buffer.baseAddress.map { $0 + length }, wanted,
                    Self.position(region.blocks[index]) + off_t(offset))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    failure = count < 0 ? errno : EIO
                    return
                }
                length += count
            }
        }
        guard failure == 0 else { throw .broken(reason(failure)) }
        return bytes
    }

    /// Gives the room of a body back.
    func remove(_ region: inout Region) {
        guard !region.blocks.isEmpty else { return }
        free += region.blocks
        if free.count == Int(end) {
            ftruncate(descriptor, 0)
            (free, end) = ([], 0)
        } else {
            punch(region.blocks)
        }
        region = Region()
        refusal = nil
    }

    private static func position(_ block: UInt32) -> off_t { off_t(block) * off_t(blockSize) }

    private func takeBlock() throws(Fault) -> UInt32 {
        if let block = free.popLast() { return block }
        guard end < mostBlocks else {
            throw .full("bodies take \(size >> 20) MiB in \(directory), which is all that they may")
        }
        end += 1
        return end - 1
    }

    /// Tells the disk that nobody needs some blocks any more, so that it need not even write them.
    private func punch(_ blocks: [UInt32]) {
        var rest = blocks[...]
        while canPunch, let first = rest.first {
            // Those of a body that came alone follow each other.
            let run = zip(rest, first...).prefix { $0 == $1 }.count
            let size = off_t(run) * off_t(Self.blockSize)
            if ccurl_punch_hole(descriptor, Self.position(first), size) != 0, errno != EINTR { canPunch = false }
            rest = rest.dropFirst(run)
        }
    }

    private func open() throws(Fault) {
        guard descriptor < 0 else { return }
        descriptor = Glibc.open(directory, Self.withoutName | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 { return }
        // Not every file system has such files.
        var name = Array("\(directory)/millrace-bodies-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw refuse(errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(name)
    }

    private func fault(_ code: Int32) -> Fault {
        [ENOSPC, EDQUOT, EFBIG].contains(code) ? refuse(code) : .broken(reason(code))
    }

    private func refuse(_ code: Int32) -> Fault {
        refusal = (MonotonicClock.milliseconds, reason(code))
        return .full(reason(code))
    }

    private func reason(_ code: Int32) -> String { "\(directory): \(String(cString: strerror(code)))" }
}
