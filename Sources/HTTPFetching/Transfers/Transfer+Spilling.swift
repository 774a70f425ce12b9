import CCurl

/// Bodies that there is no room for in memory.
extension Transfer {
    /// Bytes of a body from which on it is on the disk.
    static let largestInMemory = 256 << 10

    /// Bytes of the body that came so far, unpacked.
    var bodyCount: Int { body.count + spilled.count }

    /// Takes a piece of the body that there is no room for in memory.
    /// - Returns: what libcurl is to be answered.
    func spill(_ chunk: UnsafeRawBufferPointer) -> Int {
        var reason: String?
        // What is cut at its limit is small, and what it says counts for more than one source.
        if !request.truncates {
            do throws(SpillFile.Fault) {
                try spillBody()
                try engine.spillFile.append(chunk, to: &spilled)
                return chunk.count
            } catch {
                switch error {
                case .broken(let what):
                    violation = bodyWasLost(what)
                    return 0
                case .full(let what): reason = what
                }
            }
        }
        if !engine.mayHold(chunk.count, for: self) {
            lack = reason
            guard isPacked else {
                engine.pause(self)
                return Int(CURL_WRITEFUNC_PAUSE)
            }
            engine.pauseLater(self)
        }
        keep(chunk)
        return chunk.count
    }

    /// Moves what came so far to the disk.
    private func spillBody() throws(SpillFile.Fault) {
        guard !body.isEmpty else { return }
        var fault: SpillFile.Fault?
        body.withUnsafeBytes { bytes in
            do throws(SpillFile.Fault) { try engine.spillFile.append(bytes, to: &spilled) } catch { fault = error }
        }
        if let fault { throw fault }
        engine.held -= body.count
        engine.recycle(takeBody())
    }

    /// Reads the body back into memory, where it is on the disk. What can't be read is noted as the transfer's failure.
    func unspill() {
        guard spilled.count > 0 else { return }
        do throws(SpillFile.Fault) {
            var whole = try engine.spillFile.read(spilled)
            whole += body
            engine.held += spilled.count
            body = whole
        } catch {
            switch error {
            case .full(let reason), .broken(let reason): violation = bodyWasLost(reason)
            }
        }
        engine.spillFile.remove(&spilled)
    }

    private func bodyWasLost(_ reason: String) -> FetchFailure {
        FetchFailure(
            .transient, "\(current.text): its body could not be kept on the disk until it was whole: \(reason)",
            remedy: "look at that disk, or name another place in the daemon's environment (TMPDIR)")
    }

    /// What it means that a transfer ended while it waited for room.
    func starved(of reason: String) -> FetchFailure {
        FetchFailure(
            .transient, "\(current.text) ended while it waited for room for its body: \(reason)",
            remedy: "make room there, or name another place in the daemon's environment (TMPDIR)")
    }
}
