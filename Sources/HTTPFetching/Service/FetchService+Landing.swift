import CCurl

/// Transfers whose bodies are on the disk end one after the other, as the core takes what they brought: in memory is then
/// the body of one of them, however many came at the same time.
extension FetchService {
    /// Takes the end of a transfer, or lets it wait where its body is on the disk.
    func land(_ transfer: Transfer, _ code: CURLcode) {
        guard transfer.spilled.count > 0, code == CURLE_OK, transfer.owner != nil else {
            return finish(transfer, code)
        }
        landed.append(transfer)
    }

    /// Ends transfers that wait, as long as the core takes what they bring.
    func finishLanded() {
        while outputHasRoom, let transfer = landed.popFirst() {
            // It may have been cancelled meanwhile.
            guard let job = transfer.owner?.job else { continue }
            guard job.hasRoom(for: transfer.bodyCount) else {
                job.landed.append(transfer)
                continue
            }
            transfer.unspill()
            finish(transfer, CURLE_OK)
        }
    }

    /// Lets a job's transfer end for which there was no room in its window.
    func wakeLanded(of job: FetchJob) {
        while let transfer = job.landed.first, transfer.owner == nil || job.hasRoom(for: transfer.bodyCount) {
            _ = job.landed.popFirst()
            // One at a time: what it brings takes the room.
            if transfer.owner != nil { return landed.append(transfer) }
        }
    }

    /// Whether something waited for room that there is since the last frames were written: no event tells of it.
    var couldGoOn: Bool {
        if engine.couldResume { return true }
        guard !landed.isEmpty || !runnable.isEmpty && engine.count < limits.transfers else { return false }
        return outputHasRoom
    }
}
