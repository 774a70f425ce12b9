import CCurl
import Glibc

/// All transfers, driven by epoll. Used by one thread only.
///
/// It never waits itself: the service's loop does, and hands over what happened.
final class TransferEngine {
    let poll: EventPoll
    private let lanes: [TransferLane]
    private var active: [Transfer] = []
    private var idle: [EasyHandle] = []
    /// TLS sessions of all transfers.
    let sessions = TLSSessions()
    private var nextSerial: UInt64 = 0
    private let bodyBudget: Int
    /// Transfers that wait for room for their bodies.
    private var paused: Deque<Transfer> = []
    /// Transfers that are to wait for it once libcurl has handed over what it has read.
    private var unpacking: [Transfer] = []
    /// The one that goes on where there is no room.
    private var favoured: Transfer?
    /// Bytes of bodies that transfers hold in memory, and that whoever took them over has not handed on yet.
    var held = 0
    /// Bytes that were handed on, and that the core has not taken yet.
    var outgoing = 0
    /// Where bodies are that there is no room for in memory.
    let spillFile: SpillFile

    private static let laneCount = 32
    /// With so many transfers on their way each further one takes less memory.
    static let manyTransfers = 1000
    private static let mostSpareBuffers = 128
    /// Bytes of a buffer that is kept for another body.
    static let largestSpareBuffer = 64 << 10
    private var spareBuffers: [[UInt8]] = []

    /// An engine; nil where libcurl has no memory.
    /// - Parameters:
    ///   - bodyBudget: bytes of bodies in memory.
    ///   - spillFile: where the others are; where that is full too, one transfer goes on.
    init?(poll: EventPoll, bodyBudget: Int, spillFile: SpillFile, connections: Int) {
        guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK else { return nil }
        self.poll = poll
        self.bodyBudget = bodyBudget
        self.spillFile = spillFile
        lanes = (0..<Self.laneCount).compactMap {
            TransferLane(poll: poll, owner: Int32($0), connections: connections / Self.laneCount)
        }
        guard lanes.count == Self.laneCount else { return nil }
    }

    deinit { for transfer in active { transfer.lane.remove(transfer) } }

    /// The lane for all that is connected to a host, or a proxy.
    func lane(for host: String) -> TransferLane { lanes[Int(host.hashValue.magnitude % UInt(lanes.count))] }

    /// When libcurl wants to be called again, on the monotonic clock.
    var deadline: UInt64? {
        let first = lanes.lazy.compactMap(\.deadline).min()
        guard !paused.isEmpty, let retry = spillFile.retryTime else { return first }
        return min(first ?? retry, retry)
    }

    /// Transfers that are on their way.
    var count: Int { active.count }

    /// Begins a transfer; nil where libcurl has no memory.
    func start(
        _ request: consuming Transfer.Request, conditions: [HTTPSettings.Header] = [], in lane: TransferLane
    ) -> Transfer? {
        guard let easy = idle.popLast() ?? EasyHandle() else { return nil }
        let transfer = Transfer(
            easy, serial: nextSerial, request: request, conditions: conditions, engine: self, lane: lane)
        nextSerial += 1
        resume(transfer)
        return transfer
    }

    /// Sends a transfer on its way again, to the address that it was set to.
    func resume(_ transfer: Transfer) {
        transfer.place = active.count
        active.append(transfer)
        transfer.lane.add(transfer)
    }

    /// Takes a transfer off its way; the last one takes its place.
    private func stop(_ transfer: Transfer) {
        guard let place = transfer.place, let last = active.popLast() else { return }
        if last !== transfer {
            active[place] = last
            last.place = place
        }
        transfer.place = nil
        transfer.lane.remove(transfer)
    }

    /// Ends a transfer, or lets go of a finished one.
    func release(_ transfer: Transfer) {
        stop(transfer)
        transfer.dropBody()
        transfer.detach()
        idle.append(transfer.easy)
    }

    /// Tells libcurl what happened at a socket of its.
    func handle(_ event: EventPoll.Event) {
        lanes[Int(event.owner)].handle(event)
        pauseUnpacked()
    }

    /// Tells libcurl that its time has come, where it has.
    func handleTime(_ now: UInt64) {
        for lane in lanes { lane.handleTime(now) }
        pauseUnpacked()
    }

    /// Takes the transfers that have ended; each must be resumed or released.
    func takeFinished() -> [(transfer: Transfer, code: CURLcode)] {
        var finished: [(transfer: Transfer, code: CURLcode)] = []
        for lane in lanes { lane.takeFinished(&finished) }
        // Not before all messages are read: for each one libcurl looks through those that are left.
        for (transfer, _) in finished { stop(transfer) }
        return finished
    }

    // MARK: Memory

    /// An empty buffer for a body.
    func takeBuffer() -> [UInt8] { spareBuffers.popLast() ?? [] }

    /// Takes the buffer of a body that nobody needs any more: the allocator would join and part such blocks all the time.
    func recycle(_ body: consuming [UInt8]) {
        guard spareBuffers.count < Self.mostSpareBuffers, body.capacity <= Self.largestSpareBuffer else { return }
        body.removeAll(keepingCapacity: true)
        spareBuffers.append(body)
    }

    /// Whether the budget has room for some bytes.
    func hasMemory(_ bytes: Int) -> Bool { held + outgoing + bytes <= bodyBudget }

    /// Whether a transfer may hold more bytes in memory. Above the budget one goes on, so that something always comes to its
    /// end.
    func mayHold(_ bytes: Int, for transfer: Transfer) -> Bool {
        if hasMemory(bytes) { return true }
        if let favoured, favoured.place != nil { return favoured === transfer }
        favoured = transfer
        return true
    }

    /// Whether there is room in memory for the first one that waits.
    var couldResume: Bool { !paused.isEmpty && hasMemory(Int(CURL_MAX_WRITE_SIZE)) }

    /// Notes that a transfer waits for room.
    func pause(_ transfer: Transfer) { paused.append(transfer) }

    /// Lets paused transfers go on, in the order in which they stopped, where there is room again.
    /// - Returns: those that ended with it, off their way: libcurl says nothing more of them.
    func resumePaused() -> [(transfer: Transfer, code: CURLcode)] {
        var broken: [(transfer: Transfer, code: CURLcode)] = []
        guard !paused.isEmpty else { return broken }
        let now = MonotonicClock.milliseconds
        while let transfer = paused.first {
            let isActive = transfer.place != nil
            let hasRoom = spillFile.mayHaveRoom(now: now) && !transfer.request.truncates
            guard !isActive || hasRoom || mayHold(Int(CURL_MAX_WRITE_SIZE), for: transfer) else { break }
            _ = paused.popFirst()
            guard isActive else { continue }
            transfer.lack = nil
            let code = curl_easy_pause(transfer.handle, CURLPAUSE_CONT)
            guard code != CURLE_OK else { continue }
            stop(transfer)
            broken.append((transfer, code))
        }
        return broken
    }

    /// Notes that a transfer is to wait for room once libcurl has handed over all that it has read of it.
    ///
    /// libcurl goes on unpacking what it has read where a callback asks for a pause, and keeps up to 64 MiB of it for each
    /// transfer (7.88). What is packed is therefore taken over the budget, up to its own limit, and waits after that.
    func pauseLater(_ transfer: Transfer) {
        if unpacking.last !== transfer { unpacking.append(transfer) }
    }

    private func pauseUnpacked() {
        guard !unpacking.isEmpty else { return }
        for transfer in unpacking where transfer.place != nil {
            curl_easy_pause(transfer.handle, CURLPAUSE_RECV)
            paused.append(transfer)
        }
        unpacking = []
    }
}
