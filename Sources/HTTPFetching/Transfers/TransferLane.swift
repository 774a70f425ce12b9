import CCurl

/// One of libcurl's multi handles, with all transfers to the hosts that fall to it.
///
/// At the end of each transfer libcurl walks through every connection of its multi handle, and through every name that it
/// has looked up. With one handle for all hosts a request would cost the more the more hosts there are; hosts are spread
/// over several, so that these walks stay short and nothing that could be shared is lost.
final class TransferLane {
    /// Seconds for which a name's addresses are used, and from one look for older ones to the next.
    private static let (nameLifetime, namePruning) = (60, 5)

    private let multi: UnsafeMutableRawPointer
    private let poll: EventPoll
    private let owner: Int32
    /// When libcurl wants to be called again, on the monotonic clock.
    private(set) var deadline: UInt64?
    /// When libcurl last went through its names to forget the old ones, on the monotonic clock.
    private var namesPruned: UInt64 = 0

    /// A lane; nil where libcurl has no memory.
    /// - Parameters:
    ///   - owner: what the events at its sockets are to carry.
    ///   - connections: how many are kept open.
    init?(poll: EventPoll, owner: Int32, connections: Int) {
        guard let multi = curl_multi_init() else { return nil }
        self.multi = multi
        self.poll = poll
        self.owner = owner
        let this = Unmanaged.passUnretained(self).toOpaque()
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
        _ = ccurl_multi_set_socket_function(
            multi,
            { _, socket, what, context, _ in
                guard let context else { return -1 }
                Unmanaged<TransferLane>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
                return 0
            }, this)
        _ = ccurl_multi_set_timer_function(
            multi,
            { _, milliseconds, context in
                guard let context else { return -1 }
                Unmanaged<TransferLane>.fromOpaque(context).takeUnretainedValue().deadline =
                    milliseconds < 0 ? nil : MonotonicClock.milliseconds &+ UInt64(milliseconds)
                return 0
            }, this)
    }

    /// What is on its way must have been taken off before.
    deinit {
        _ = ccurl_multi_set_socket_function(multi, nil, nil)
        _ = ccurl_multi_set_timer_function(multi, nil, nil)
        curl_multi_cleanup(multi)
    }

    private func watch(_ socket: curl_socket_t, _ what: Int32) {
        guard what != CURL_POLL_REMOVE else { return poll.unwatch(socket) }
        poll.watch(
            socket, readable: what == CURL_POLL_IN || what == CURL_POLL_INOUT,
            writable: what == CURL_POLL_OUT || what == CURL_POLL_INOUT, owner: owner)
    }

    /// Sends a transfer on its way.
    func add(_ transfer: Transfer) {
        // A handle that lets names get old makes libcurl go through all of them when it is done: now and then one does.
        let isTime = MonotonicClock.milliseconds >= namesPruned &+ UInt64(Self.namePruning * 1000)
        transfer.prunesNames = isTime
        _ = ccurl_set_long(transfer.handle, CURLOPT_DNS_CACHE_TIMEOUT, isTime ? Self.nameLifetime : -1)
        curl_multi_add_handle(multi, transfer.handle)
    }

    /// Takes a transfer off its way.
    func remove(_ transfer: Transfer) { curl_multi_remove_handle(multi, transfer.handle) }

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

    /// Appends the transfers that have ended; each must be taken off its way.
    func takeFinished(_ finished: inout [(transfer: Transfer, code: CURLcode)]) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = Transfer.of(handle)
            else { continue }
            if transfer.prunesNames { namesPruned = MonotonicClock.milliseconds }
            finished.append((transfer, message.pointee.data.result))
        }
    }
}
