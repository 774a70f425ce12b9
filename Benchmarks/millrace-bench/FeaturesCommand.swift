import ArgumentParser
import Glibc
import JSON
import Normalisation

/// Writes what the page models see, for `Scripts/train-page-model`.
struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Features of pages and their blocks, one page a line.", shouldDisplay: false)

    @Argument(help: "A directory of UTF-8 pages, .gz or not.") var directory: String
    @Argument(help: "Where to write: PATH.ndjson (names and texts) and PATH.f32 (pages' rows, then their blocks').")
    var output: String

    func run() throws {
        guard let numbers = fopen(output + ".f32", "w"), let texts = fopen(output + ".ndjson", "w") else {
            throw BenchmarkError("can't write \(output): \(String(cString: strerror(errno)))")
        }
        defer {
            fclose(numbers)
            fclose(texts)
        }
        func write(_ value: JSONValue) { fputs(String(decoding: value.encoded, as: UTF8.self) + "\n", texts) }
        func names(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        write(["page": names(PageFeatureDump.pageNames), "block": names(PageFeatureDump.blockNames)])
        for file in try Files.read(directory, limit: .max) {
            let dump = Normaliser.features(ofPage: file.bytes, uri: "file:///\(file.name)")
            write(["name": .string(file.name), "texts": names(dump.texts)])
            fwrite(dump.page, MemoryLayout<Float>.stride, dump.page.count, numbers)
            fwrite(dump.blocks, MemoryLayout<Float>.stride, dump.blocks.count, numbers)
        }
    }
}
