import Normalisation
import PluginProtocol

/// One worker process, asked over its pipes as the daemon asks it: the next item when the last one is answered.
final class MeasuredNormaliser {
    private let plugin: MeasuredPlugin
    private var lastJob: Int64 = 0

    init() throws { plugin = try MeasuredPlugin("millrace-normalise") }

    var figures: ProcessFigures { plugin.figures }

    /// Documents that it makes of a file.
    func normalise(_ file: Files.Input) throws -> Int {
        lastJob += 1
        let item = ItemDescription(uri: "file:///\(file.name)", mediaType: file.mediaType)
        let request = CoreMessage.normalise(
            NormaliseRequest(job: lastJob, source: "bench", item: item, settings: [:]))
        plugin.queue(request.encoded(bodyLength: file.bytes.count))
        plugin.queue(file.bytes)
        switch try PluginMessage(try plugin.answer()) {
        case .documents(let documents) where documents.job == lastJob: return documents.documents.count
        case .failed(let failed) where failed.job == lastJob: return 0
        default: throw BenchmarkError("the normaliser answered something else about \(file.name)")
        }
    }
}
