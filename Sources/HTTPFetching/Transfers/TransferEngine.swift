import CCurl
import Glibc

/// All transfers, in one of libcurl's multi handles, driven by epoll. Used by one thread only.
///
/// It never waits itself: the service's loop does, and hands over what happened.
final class TransferEngine {
    private let multi: UnsafeMutableRawPointer
    private let poll: EventPoll
    private var active: [Transfer] = []
    private var idle: [(handle: UnsafeMutableRawPointer, preparedFor: HTTPSettings.Identity?)] = []
    private var nextSerial: UInt64 = 0
    private let bodyBudget: Int
    /// Transfers that wait for room for their bodies.
    private var paused: Deque<Transfer> = []
    /// The one that goes on where there is no room.
    private var favoured: Transfer?
    /// Bytes of bodies that transfers hold, and that whoever took them over has not handed on yet.
    var held = 0

    /// When libcurl wants to be called again, on the monotonic clock.
    private(set) var deadline: UInt64?

    /// An engine; nil where libcurl has no memory.
    /// - Parameter bodyBudget: bytes of unfinished bodies; above it only one transfer goes on.
    init?(poll: EventPoll, bodyBudget: Int, connections: Int) {
        guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK, let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.poll = poll
        self.bodyBudget = bodyBudget
        let this = Unmanaged.passUnretained(self).toOpaque()
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
        _ = ccurl_multi_set_socket_function(
            multi,
            { _, socket, what, context, _ in
                guard let context else { return -1 }
                Unmanaged<TransferEngine>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
                return 0
            }, this)
        _ = ccurl_multi_set_timer_function(
            multi,
            { _, milliseconds, context in
                guard let context else { return -1 }
                Unmanaged<TransferEngine>.fromOpaque(context).takeUnretainedValue().deadline =
                    milliseconds < 0 ? nil : MonotonicClock.milliseconds &+ UInt64(milliseconds)
                return 0
            }, this)
    }

    deinit {
        _ = ccurl_multi_set_socket_function(multi, nil, nil)
        _ = ccurl_multi_set_timer_function(multi, nil, nil)
        for transfer in active {
            curl_multi_remove_handle(multi, transfer.handle)
            curl_easy_cleanup(transfer.handle)
        }
        for (handle, _) in idle { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
    }

    /// Transfers that are on their way.
    var count: Int { active.count }

    private func watch(_ socket: curl_socket_t, _ what: Int32) {
        poll.watch(
            socket, readable: what == CURL_POLL_IN || what == CURL_POLL_INOUT,
            writable: what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    }

    /// Begins a transfer; nil where libcurl has no memory.
    func start(_ request: Transfer.Request) -> Transfer? {
        guard let (handle, preparedFor) = idle.popLast() ?? curl_easy_init().map({ ($0, nil) }) else { return nil }
        let transfer = Transfer(
            handle: handle, preparedFor: preparedFor, serial: nextSerial, request: request, engine: self)
        nextSerial += 1
        resume(transfer)
        return transfer
    }

    /// Sends a transfer on its way again, to the address that it was set to.
    func resume(_ transfer: Transfer) {
        transfer.place = active.count
        active.append(transfer)
        curl_multi_add_handle(multi, transfer.handle)
    }

    /// Takes a transfer off its way; the last one takes its place.
    private func stop(_ transfer: Transfer) {
        guard let place = transfer.place, let last = active.popLast() else { return }
        if last !== transfer {
            active[place] = last
            last.place = place
        }
        transfer.place = nil
        curl_multi_remove_handle(multi, transfer.handle)
    }

    /// Ends a transfer, or lets go of a finished one.
    func release(_ transfer: Transfer) {
        stop(transfer)
        transfer.dropBody()
        transfer.detach()
        idle.append((transfer.handle, transfer.preparedFor))
    }

    /// Tells libcurl what happened at a socket of its.
    func handle(_ event: EventPoll.Event) {
        var mask: Int32 = 0
        if event.isReadable { mask |= CURL_CSELECT_IN }
        if event.isWritable { mask |= CURL_CSELECT_OUT }
        if event.hasError { mask |= CURL_CSELECT_ERR }
        var running: Int32 = 0
        curl_multi_socket_action(multi, event.descriptor, mask, &running)
    }

    /// Tells libcurl that its time has come, where it has.
    func handleTime(_ now: UInt64) {
        guard let deadline, deadline <= now else { return }
        self.deadline = nil
        var running: Int32 = 0
        curl_multi_socket_action(multi, -1, 0, &running)
    }

    /// Takes the transfers that have ended; each must be resumed or released.
    func takeFinished() -> [(transfer: Transfer, code: CURLcode)] {
        var finished: [(Transfer, CURLcode)] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = Transfer.of(handle)
            else { continue }
            let code = message.pointee.data.result
            // The message is gone with this.
            stop(transfer)
            finished.append((transfer, code))
        }
        return finished
    }

    // MARK: Memory

    /// Whether a transfer may take more bytes now. Above the budget one goes on, so that something always comes to its
    /// end.
    func mayHold(_ bytes: Int, for transfer: Transfer) -> Bool {
        if held + bytes <= bodyBudget { return true }
        if let favoured, favoured.place != nil { return favoured === transfer }
        favoured = transfer
        return true
    }

    /// Notes that a transfer waits for room.
    func pause(_ transfer: Transfer) { paused.append(transfer) }

    /// Lets paused transfers go on, in the order in which they stopped, where there is room again.
    func resumePaused() {
        while let transfer = paused.first {
            let isActive = transfer.place != nil
            guard !isActive || mayHold(Int(CURL_MAX_WRITE_SIZE), for: transfer) else { return }
            _ = paused.popFirst()
            if isActive { curl_easy_pause(transfer.handle, CURLPAUSE_CONT) }
        }
    }
}
