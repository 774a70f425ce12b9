import Glibc
import PluginProtocol
import Synchronization

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
            startThread { self.serve(job) }
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
            end = .failed(
                FailedJob(
                    job: job.number, kind: error.kind, message: error.message, remedy: error.remedy,
                    retryAfter: error.retryAfter))
        } catch is JobCancelled {
            end = .done(FinishedJob(job: job.number))
        } catch {
            end = .failed(FailedJob(job: job.number, kind: .transient, message: "\(error)"))
        }
        jobs.withLock { $0[job.number] = nil }
        output.send(end)
    }
}

/// Starts a detached thread with a small stack.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 512 << 10)
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let failed = pthread_create(
        &thread, &attributes,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    pthread_attr_destroy(&attributes)
    if failed != 0 { box.takeRetainedValue().body() }
}
