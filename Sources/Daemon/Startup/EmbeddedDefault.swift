/// The configuration that is used when there is none: it keeps its state under `./var` and reads the repository's samples.
enum EmbeddedDefault {
    static let name = "(built-in)"
    static let stateDirectory = "var"

    static let text = """
        [daemon]
        state_directory = "var"
        control_socket = "var/run/control.sock"

        [[sink]]
        name = "archive"
        plugin = "jsonl"
        path = "var/documents.jsonl"

        [[sink]]
        name = "search"
        plugin = "sqlite"
        path = "var/documents.sqlite3"

        [source.samples]
        plugin = "directory"
        path = "Samples"

        [source.inbox]
        plugin = "push"
        """
}
