import JSON

extension HTTPSettings {
    /// The JSON Schema of the settings, as the plugin's `hello` carries it.
    static var schema: JSONValue {
        [
            "type": "object",
            "properties": .object(
                addressMembers.merging(followingMembers) { $1 }.merging(connectionMembers) { $1 }.merging(limits) { $1 }
            ),
        ]
    }

    private static let addressMembers: [String: JSONValue] = [
        "url": ["type": "string", "format": "uri", "description": "The address to fetch, http or https."],
        "urls": [
            "type": "array", "items": ["type": "string", "format": "uri"],
            "description": "Several addresses, fetched in one run; one that fails does not stop the others.",
        ],
        "kind": [
            "type": "string", "enum": ["auto", "page", "feed", "sitemap"], "default": "auto",
            "description": "What the address holds. `auto` decides by the answer; `sitemap` fetches what it lists.",
        ],
        "headers": [
            "type": "object",
            "description": "Headers for each request, name = \"value\". They are not sent to another origin.",
        ],
        "contact": [
            "type": "string",
            "description": "A web or mail address for the User-Agent, for servers' owners who have a complaint.",
        ],
        "user_agent": [
            "type": "string", "description": "The whole User-Agent. By default Millrace/0.1 (+contact).",
        ],
        "method": ["type": "string", "default": "GET", "description": "GET, or POST and the like for an API."],
        "body": ["type": "string", "description": "The request's body; makes the method POST unless another is set."],
        "username": ["type": "string", "description": "The user name; never sent to another origin."],
        "password": ["type": "string", "format": "secret", "description": "The password for `username`."],
        "authentication": [
            "type": "string", "enum": ["basic", "digest"], "default": "basic",
            "description": "How user name and password are sent.",
        ],
        "bearer_token": [
            "type": "string", "format": "secret", "description": "A bearer token; never sent to another origin.",
        ],
    ]

    private static let followingMembers: [String: JSONValue] = [
        "follow": [
            "type": "string", "enum": ["nothing", "entries"], "default": "nothing",
            "description": "`entries`: each entry of a feed is followed to its page, and both become one document.",
        ],
        "discover": [
            "type": "string", "enum": ["nothing", "feed", "feeds"], "default": "nothing",
            "description":
                "`feed`: the address is a page, and the source is its main feed, which is found and found again. `feeds`: all of them.",
        ],
        "push": [
            "type": "string", "enum": ["websub", "none"], "default": "websub",
            "description":
                "`websub`: where the address names a hub and the main file has a table [websub], the hub brings what is new.",
        ],
        "crawl": [
            "type": "object",
            "description": "Follows the links of a page within its site.",
            "properties": [
                "include": [
                    "type": "array", "items": ["type": "string"],
                    "description": "Paths to follow, as in a robots.txt: a beginning, with * and $. By default all.",
                ],
                "exclude": [
                    "type": "array", "items": ["type": "string"],
                    "description": "Paths not to follow, though `include` names them.",
                ],
                "depth": [
                    "type": "integer", "minimum": 0, "maximum": 50, "default": 3,
                    "description": "Links in a row from the configured page.",
                ],
                "limit": [
                    "type": "integer", "minimum": 1, "maximum": 20_000, "default": 100,
                    "description": "Pages that one run fetches.",
                ],
            ],
        ],
        "paginate": [
            "type": "object",
            "description": "Follows an answer to the ones that continue it.",
            "properties": [
                "next": [
                    "type": "string", "default": "link",
                    "description":
                        "`link`: the Link header, or rel=next in a page or feed. Else a JSON pointer such as /meta/next.",
                ],
                "parameter": [
                    "type": "string",
                    "description":
                        "The parameter of `url` that takes what the pointer finds; without it that is an address.",
                ],
                "limit": [
                    "type": "integer", "minimum": 1, "maximum": 1000, "default": 20,
                    "description": "Answers of one run, or pages of one article, the first included.",
                ],
                "merge": [
                    "type": "boolean", "default": false,
                    "description": "Whether pages that continue each other become one document.",
                ],
            ],
        ],
        "archive": [
            "type": "string", "enum": ["none", "warc"], "default": "none",
            "description": "`warc`: requests and answers are kept as they are, in WARC files (ISO 28500).",
        ],
        "archive_directory": [
            "type": "string", "format": "path",
            "description": "Where the WARC files are; several sources may share it.",
        ],
        "archive_size": [
            "type": "string", "format": "size", "default": "1 GiB", "minimum": 1, "maximum": 1_099_511_627_776,
            "description": "After how many bytes another WARC file is begun.",
        ],
        "records_at": [
            "type": "string",
            "description": "A JSON pointer to the list of records in the answer of an API, such as /data/items.",
        ],
    ]

    private static let connectionMembers: [String: JSONValue] = [
        "proxy": [
            "type": "string", "format": "secret",
            "description":
                "http://, https://, socks5:// or socks5h://host:port, may hold user and password. The environment's is not used.",
        ],
        "ca_file": [
            "type": "string", "format": "path",
            "description": "Certificates (PEM) to trust instead of the system's.",
        ],
        "client_certificate": ["type": "string", "format": "path", "description": "A client certificate (PEM)."],
        "client_key": ["type": "string", "format": "path", "description": "The client certificate's key (PEM)."],
        "client_key_password": ["type": "string", "format": "secret", "description": "What unlocks `client_key`."],
        "insecure": [
            "type": "boolean", "default": false,
            "description":
                "Do not verify the server's certificate. Anybody on the way can then change what is fetched.",
        ],
        "cookies": [
            "type": "boolean", "default": false,
            "description": "Keep cookies from one run to the next, for a session. Else they last for one address.",
        ],
        "allow_private": [
            "type": ["boolean", "array"], "items": ["type": "string"],
            "description":
                "true, or a list of networks such as \"10.0.0.0/8\": addresses that are not public and may be fetched all the same.",
            "default": false,
        ],
    ]

    private static let limits: [String: JSONValue] = [
        "request_timeout": [
            "type": "string", "format": "duration", "default": "2m", "minimum": 0.1, "maximum": 86_400,
            "description": "For one address, redirects included.",
        ],
        "connect_timeout": [
            "type": "string", "format": "duration", "default": "15s", "minimum": 0.1, "maximum": 600,
            "description": "For the name, the connection and TLS of one hop.",
        ],
        "low_speed_limit": [
            "type": "string", "format": "size", "default": "64 B", "minimum": 0, "maximum": 1_000_000_000,
            "description": "A transfer that brings fewer bytes a second during `low_speed_time` is given up; 0: never.",
        ],
        "low_speed_time": [
            "type": "string", "format": "duration", "default": "30s", "minimum": 1, "maximum": 86_400,
            "description": "How long a transfer may be slower than `low_speed_limit`.",
        ],
        "max_size": [
            "type": "string", "format": "size", "minimum": 1, "maximum": 268_435_456,
            "description": "Of one body, as sent and unpacked. By default, and at most, the source's max_item_size.",
        ],
        "max_redirects": [
            "type": "integer", "minimum": 0, "maximum": 50, "default": 10,
            "description": "Redirects in a row that are followed.",
        ],
        "max_concurrency": [
            "type": "integer", "minimum": 1, "maximum": 64, "default": 4,
            "description": "Transfers at a time to one host.",
        ],
        "host_interval": [
            "type": "string", "format": "duration", "minimum": 0, "maximum": 300,
            "description":
                "From the start of one transfer to the start of the next to the same host. By default 250ms, and nothing with `allow_private`; robots.txt may ask for more.",
        ],
        "robots": [
            "type": "boolean", "default": true,
            "description": "Whether robots.txt decides what may be fetched. false is for hosts of your own.",
        ],
        "limit": [
            "type": "integer", "minimum": 1, "maximum": 50_000, "default": 1000,
            "description": "Addresses that one run fetches from a sitemap or feed.",
        ],
    ]
}
