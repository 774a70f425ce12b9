/// Reads names of people out of by-lines: no "By", no roles, no addresses, several parted.
enum PersonName {
    /// The names in a text, which says that it holds some.
    static func names(in text: String) -> [String] {
        guard text.utf8.count <= 400, let text = Text.clean(Entity.decode(text)) else { return [] }
        var found: [String] = []
        for part in split(text) {
            if let name = name(part), !found.contains(name) { found.append(name) }
        }
        return Array(found.prefix(12))
    }

    private static let separators = [
        " and ", " & ", ";", "|", "•", "·", " und ", " et ", " with ", " / ", "\u{2022}", "、", "；", " e ", " och ",
        " og ", "⋅", "\n",
    ]

    private static func split(_ text: String) -> [String] {
        var text = " " + withoutPrefix(text)
        for separator in separators where text.contains(separator) { text = text.replacing(separator, with: "\u{1}") }
        var parts: [String] = []
        for piece in text.split(separator: "\u{1}") {
            // A comma parts names, but titles and places stand behind one too.
            let names = piece.split(separator: ",").compactMap { Text.clean(String($0)) }
            let full = names.filter { $0.contains(" ") && !isCredential($0) }
            if names.count > 1, full.count < names.count {
                // "Last, First" of libraries and journals.
                if names.count == 2, !names[0].contains(" "), !names[1].contains(" "), !isCredential(names[1]) {
                    parts.append("\(names[1]) \(names[0])")
                } else {
                    parts += names.filter { !isCredential($0) }.prefix(full.isEmpty ? 1 : full.count)
                }
            } else {
                parts += names
            }
        }
        return parts
    }

    /// `M.D.`, `PhD`, `RN`, `E-RYT 200`.
    private static func isCredential(_ text: String) -> Bool {
        let words = text.split(separator: " ")
        guard words.count <= 3 else { return false }
        return words.allSatisfy { word in
            let letters = word.filter(\.isLetter)
            return letters.count <= 6 && (letters.filter(\.isUppercase).count * 2 >= letters.count)
                && (word.contains(".") || letters.filter(\.isUppercase).count >= 2 || letters.isEmpty)
        } || ["jr", "jr.", "sr", "sr.", "iii", "ii", "esq", "esq."].contains(text.lowercased())
    }

    private static let prefixes = [
        "written and reviewed by", "medically reviewed by", "written by", "posted by", "published by", "reviewed by",
        "story by", "words by",
        "created by", "edited by", "reported by", "contributed by", "submitted by", "started by", "article by",
        "text by", "content by", "photos by", "updated by",
        "verfasst von", "geschrieben von", "escrito por", "publicado por", "écrit par", "publié par", "rédigé par",
        "scritto da", "geschreven door",
        "a post by", "by:", "by ", "von ", "par ", "por ", "door ", "da ", "av ", "af ", "przez ", "author:",
        "authors:", "author ", "autor:", "auteur:", "автор:", "作者:", "作者：", "文:", "text:",
        "photo by", "about ", "image:", "@", "–", "-", "—", ":", "from ", "more from ", "posts by ",
        "view all posts by ", "more by ", "see all posts by ",
    ]

    private static func withoutPrefix(_ text: String) -> String {
        var text = Substring(text)
        var isChanged = true
        while isChanged {
            isChanged = false
            let lower = text.prefix(40).lowercased()
            for prefix in prefixes where lower.hasPrefix(prefix) {
                text = text.dropFirst(prefix.count).drop { $0 == " " || $0 == ":" || $0 == "\u{A0}" }
                isChanged = true
                break
            }
        }
        return String(text)
    }

    /// A person's name, or nil.
    static func name(_ text: String) -> String? {
        guard var name = Text.clean(withoutPrefix(text)) else { return nil }
        guard !name.contains("://"), !name.contains("www."), !name.contains("{"), !name.contains("<") else {
            return nil
        }
        // An address stands for the name in it.
        if let at = name.firstIndex(of: "@") {
            guard !name.contains(" ") else { return nil }
            name = String(name[..<at])
        }
        // What follows a name in a by-line: dates, roles, places.
        for separator in [
            " on ", " | ", " - ", " – ", " — ", " (", " [", " in ", " for ", " at ", " via ", " from ", ": ",
        ] {
            if let range = name.firstRange(of: separator) { name = String(name[..<range.lowerBound]) }
        }
        while let last = name.last, last == "," || last == ":" || last == "-" || last == "*" || last == "|" {
            name.removeLast()
        }
        guard let clean = Text.clean(name) else { return nil }
        name = clean
        let words = name.split(separator: " ")
        guard (1...6).contains(words.count), (2...60).contains(name.count), name.contains(where: \.isLetter) else {
            return nil
        }
        let lower = name.lowercased()
        if refused.contains(lower) || name.hasSuffix("?") || name.hasSuffix("!") || name.hasSuffix("…") { return nil }
        let lowerWords = lower.split { !$0.isLetter && $0 != "'" && $0 != "’" }
        if lowerWords.allSatisfy({ roles.contains($0) || never.contains($0) }) { return nil }
        if lowerWords.contains(where: never.contains) { return nil }
        if words.count > 1, name.contains(where: \.isNumber),
            lowerWords.contains(where: { DateNames.month(String($0)) != nil })
        {
            return nil
        }
        if words.count == 1, DateNames.month(lower) != nil { return nil }
        let digits = name.filter(\.isNumber).count
        if words.count > 1, digits > 3 || name.filter(\.isLetter).count <= digits { return nil }
        return name
    }

    /// Whether a text looks like a name and nothing else: for places that don't say so.
    static func looksLikeName(_ name: String) -> Bool {
        let words = name.split(separator: " ")
        guard (2...5).contains(words.count), !name.contains(where: \.isNumber) else { return false }
        let capitals = words.filter { $0.first?.isUppercase ?? false }.count
        guard capitals >= 2 || words.allSatisfy({ $0.first?.isCased == false }) else { return false }
        return words.allSatisfy { word in
            guard let first = word.first else { return false }
            return first.isUppercase || !first.isCased || particles.contains(word.lowercased())
        }
    }

    private static let particles: Set<String> = [
        "de", "del", "der", "den", "van", "von", "la", "le", "du", "da", "di", "dos", "das", "el", "al", "bin", "ibn",
        "zu", "y", "e", "ten", "ter", "af", "av",
    ]
    private static let refused: Set<String> = [
        "admin", "administrator", "staff", "editor", "editorial team", "editorial", "unknown", "anonymous", "guest",
        "author", "authors", "the author",
        "by", "by:", "por", "von", "par", "door", "written by", "posted by", "author:", "autor", "auteur", "sponsored",
        "youtube", "partner content", "meet the team", "topic author", "thread starter", "team", "none", "null", "user",
        "undefined", "webmaster", "root", "default", "n/a", "na", "true", "false", "blog", "home", "news", "profile",
        "contributor",
        "contributors", "members", "member", "people", "login", "log in", "sign in", "register", "reply", "share",
        "link", "here", "name", "in stock", "brand", "write", "bluesky", "mastodon", "threads", "tiktok", "pinterest",
        "whatsapp", "telegram", "reddit",
    ]
    private static let roles: Set<Substring> = [
        "senior", "junior", "staff", "writer", "editor", "reporter", "contributor", "contributing", "author",
        "journalist", "editorial", "managing", "associate",
        "assistant", "chief", "in", "director", "manager", "marketing", "content", "specialist", "expert", "founder",
        "co", "ceo", "cto", "cmo", "of", "and", "the",
        "guest", "freelance", "digital", "executive", "head", "vice", "president", "analyst", "consultant",
        "correspondent", "columnist", "strategist", "lead",
        "moderator", "member", "administrator", "owner", "engineer", "developer", "manager", "product", "technical",
        "deputy", "news", "redaktion", "rédaction",
    ]
    /// Words that no name holds.
    private static let never: Set<Substring> = [
        "min", "mins", "minute", "minutes", "read", "reading", "updated", "published", "posted", "view", "all", "posts",
        "more", "about", "share", "follow",
        "subscribe", "comments", "comment", "click", "says", "ago", "profile", "your", "our", "you", "this", "that",
        "is", "are", "was", "has", "with", "their", "his", "her",
        "read", "learn", "reviews", "review", "articles", "article", "biography", "bio", "website", "archive",
        "archives", "policy", "cookie", "cookies",
        "what", "how", "why", "when", "best", "new", "not", "to", "be", "at", "following", "followers", "replies",
        "reply", "views", "twitter", "facebook", "linkedin", "instagram", "rss", "email", "up", "account", "password",
        "settings", "login", "logout", "signup", "checkout", "wishlist", "guidelines", "category", "categories",
        "collection", "collections", "authorization", "status", "terms", "conditions", "create", "offline", "cart",
        "upload", "homepage", "menu", "search", "download", "skip", "forgot", "username", "copy", "buy", "try", "edit",
        "delete", "apply", "now", "trial", "explore",
    ]
}
