import Glibc
import PluginProtocol
import Synchronization
import Threads

/// Starts a thread for each job and brings the core's frames to it.
final class FetchServer<F: Fetcher>: Sendable {
    private let fetcher: F
    private let output: FrameOutput
    private let jobs = Mutex<[Int64: Job]>([:])

    init(fetcher: F, output: FrameOutput) {
        self.fetcher = fetcher
        self.output = output
    }

    func receive(_ message: CoreMessage) {
        switch message {
        case .fetch(let request):
            let job = Job(request, output: output)
            jobs.withLock { $0[request.job] = job }
            // Not run here instead: it would wait for acknowledgements that nobody could bring.
            if let failure = startDetachedThread({ self.serve(job) }) {
                let error = FetchError(
                    .transient, "can't start a thread: \(String(cString: strerror(failure)))",
                    remedy: "raise the limit of tasks of the service (TasksMax=), or lower the sources' concurrency")
                finish(job, .failed(error.ending(job.number)))
            }
        case .acknowledge(let number, let item): jobs.withLock { $0[number] }?.acknowledge(item)
        case .cancel(let number, _): jobs.withLock { $0[number] }?.cancel()
        default: break
        }
    }

    private func serve(_ job: Job) {
        let end: PluginMessage
        do {
            let result = try fetcher.run(job)
            end = .done(
                FinishedJob(job: job.number, state: result.state, next: result.next, unchanged: result.unchanged))
        } catch let error as FetchError {
            end = .failed(error.ending(job.number))
        } catch is JobCancelled {
            end = .done(FinishedJob(job: job.number))
        } catch {
            end = .failed(FailedJob(job: job.number, kind: .transient, message: "\(error)"))
        }
        finish(job, end)
    }

    private func finish(_ job: Job, _ end: PluginMessage) {
        jobs.withLock { $0[job.number] = nil }
        output.send(end)
    }
}

extension FetchError {
    fileprivate func ending(_ job: Int64) -> FailedJob {
        FailedJob(job: job, kind: kind, message: message, remedy: remedy, retryAfter: retryAfter)
    }
}
