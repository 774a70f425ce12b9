import Configuration
import Testing

@Suite struct DifferenceTests {
    private let before = """
        [daemon]
        workers = 2
        log_level = "info"
        [plugin.own]
        command = ["own"]
        [[sink]]
        name = "archive"
        plugin = "jsonl"
        [source.gone]
        plugin = "http"
        [source.other]
        plugin = "http"
        every = "5m"
        [source.same]
        plugin = "http"
        [source.mine]
        plugin = "own"
        """

    @Test func nothing() {
        let configuration = parse(before).configuration
        // Lines that move make no difference.
        let moved = parse("# a comment\n\n" + before).configuration
        let difference = Difference(from: configuration, to: moved)
        #expect(difference.added.isEmpty && difference.removed.isEmpty && difference.changed.isEmpty)
        #expect(difference.unchanged.count == 6 && difference.affected.isEmpty && difference.needsRestart.isEmpty)
    }

    @Test func hubs() {
        let old = parse(before).configuration
        let new = parse("[websub]\ncallback = \"https://a/\"\n" + before).configuration
        let (begun, ended) = (Difference(from: old, to: new), Difference(from: new, to: old))
        // Their program is started otherwise.
        #expect(begun.added == ["websub"] && begun.affected == ["gone", "other", "same"])
        #expect(ended.removed == ["websub"] && ended.affected == begun.affected)
    }

    @Test func everything() {
        let after = """
            [daemon]
            workers = 3
            log_level = "debug"
            state_directory = "x"
            [log]
            segment_size = "1 MiB"
            [plugin.own]
            command = ["own", "--more"]
            [[sink]]
            name = "archive"
            plugin = "jsonl"
            batch_size = 5
            [[sink]]
            name = "new"
            plugin = "jsonl"
            [source.other]
            plugin = "http"
            every = "6m"
            [source.same]
            plugin = "http"
            [source.mine]
            plugin = "own"
            [source.fresh]
            plugin = "http"
            """
        let difference = Difference(from: parse(before).configuration, to: parse(after).configuration)
        #expect(difference.added == ["fresh", "sink new"])
        #expect(difference.removed == ["gone"])
        #expect(difference.changed == ["other", "sink archive", "plugin own"])
        #expect(difference.unchanged == ["mine", "same"])
        #expect(difference.affected == ["mine"])
        #expect(difference.needsRestart == ["state_directory", "workers", "segment_size"])
    }
}
