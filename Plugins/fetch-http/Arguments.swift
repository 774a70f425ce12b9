import HTTPFetching
import WebSubListener

/// The command line: what the daemon's table `[websub]` says.
///
///     millrace-fetch-http [--websub-listen HOST:PORT --websub-callback URL [--websub-poll SECONDS] [--websub-lease SECONDS]]
struct Arguments {
    private var values: [String: String] = [:]

    /// Reads pairs of a name and a value; nil where they are none.
    init?(_ words: ArraySlice<String>) {
        var rest = words
        while let name = rest.popFirst() {
            let known = ["--websub-listen", "--websub-callback", "--websub-poll", "--websub-lease"]
            guard known.contains(name), let value = rest.popFirst() else { return nil }
            values[name] = value
        }
    }

    /// What hubs are asked for; nil where they can't reach us.
    var subscriptions: Subscriptions? {
        guard let listen = values["--websub-listen"], let colon = listen.lastIndex(of: ":"),
            let port = Int(listen[listen.index(after: colon)...]), let callback = values["--websub-callback"]
        else { return nil }
        let host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
        guard let listener = WebSubListener(host: host, port: port) else { return nil }
        var options = Subscriptions.Options(callback: callback)
        if let seconds = values["--websub-poll"].flatMap({ Double($0) }) { options.pollEvery = max(1, seconds) }
        if let seconds = values["--websub-lease"].flatMap({ Double($0) }) { options.lease = max(1, seconds) }
        return Subscriptions(options, receiver: listener)
    }
}
