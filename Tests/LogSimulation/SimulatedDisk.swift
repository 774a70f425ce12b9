import TestSupport

/// One directory of files, and what of them is on stable storage.
///
/// What was written and not synced is in doubt, sector by sector: each keeps the versions that it had since the last sync,
/// and a power loss picks one of them, whatever its neighbours get. Sizes and directory entries are in doubt likewise.
struct SimulatedDisk {
    static let sector = 512

    struct File {
        /// What programs see.
        var cache: [UInt8] = []
        /// What is on stable storage.
        var stable: [UInt8] = []
        /// For each sector that is in doubt, what it was at some time since the last sync, oldest first.
        var doubtful: [Int: [[UInt8]]] = [:]
        /// The sizes since the last sync.
        var sizes: [Int] = []
    }

    enum EntryChange {
        case link(String, Int)
        case unlink(String)
        case rename(String, String, Int)
    }

    var files: [Int: File] = [:]
    /// What programs see.
    var names: [String: Int] = [:]
    var stableNames: [String: Int] = [:]
    /// Changes of the directory that are in doubt.
    var changes: [EntryChange] = [] { didSet { if changes.count > oldValue.count { isDirectoryClean = false } } }
    /// Whether a sync that failed has marked the directory clean, so that the next one does nothing.
    private var isDirectoryClean = false
    private var nextFile = 0

    // MARK: Files

    mutating func create(_ name: String) -> Int {
        nextFile += 1
        files[nextFile] = File()
        names[name] = nextFile
        changes.append(.link(name, nextFile))
        return nextFile
    }

    mutating func unlink(_ name: String) {
        names[name] = nil
        changes.append(.unlink(name))
    }

    mutating func rename(_ name: String, to other: String) {
        guard let number = names.removeValue(forKey: name) else { return }
        names[other] = number
        changes.append(.rename(name, other, number))
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, to number: Int, at offset: Int) {
        guard !bytes.isEmpty, var file = files.removeValue(forKey: number) else { return }
        defer { files[number] = file }
        if file.cache.count < offset + bytes.count { Self.resize(&file, to: offset + bytes.count) }
        file.cache.withUnsafeMutableBytes { cache in
            UnsafeMutableRawBufferPointer(rebasing: cache[offset..<offset + bytes.count]).copyMemory(from: bytes)
        }
        Self.note(&file, offset..<offset + bytes.count)
    }

    mutating func resize(_ number: Int, to size: Int) {
        guard var file = files.removeValue(forKey: number) else { return }
        defer { files[number] = file }
        Self.resize(&file, to: size)
    }

    private static func resize(_ file: inout File, to size: Int) {
        let old = file.cache.count
        if size < old {
            // The bytes that are cut off may come back as zeros, or as what they were, if the file grows again.
            file.cache.replaceSubrange(size..<old, with: repeatElement(0, count: old - size))
            note(&file, size..<old)
            file.cache.removeLast(old - size)
        } else {
            file.cache.append(contentsOf: repeatElement(0, count: size - old))
        }
        file.sizes.append(size)
    }

    private static func note(_ file: inout File, _ range: Range<Int>) {
        for index in (range.lowerBound / sector)...((range.upperBound - 1) / sector) {
            let start = index * sector
            let bytes = Array(file.cache[min(start, file.cache.count)..<min(start + sector, file.cache.count)])
            file.doubtful[index, default: []].append(bytes)
        }
    }

    // MARK: Syncs

    mutating func sync(_ number: Int) {
        guard var file = files.removeValue(forKey: number) else { return }
        defer { files[number] = file }
        // Pages that a failed sync has marked clean are not written: only what is in doubt is.
        let size = file.sizes.last ?? file.stable.count
        for (index, versions) in file.doubtful {
            if let last = versions.last { Self.put(last, at: index, &file.stable) }
        }
        Self.setSize(&file.stable, size)
        file.doubtful = [:]
        file.sizes = []
    }

    /// A sync that fails: some of what is in doubt is written, the rest is marked clean and lost, as Linux does.
    mutating func failSync(_ number: Int, _ random: inout SeededGenerator) {
        guard var file = files.removeValue(forKey: number) else { return }
        defer { files[number] = file }
        // The size is the file system's own business: its inode stays dirty.
        let sizes = file.sizes
        Self.settle(&file, &random)
        file.sizes = sizes
    }

    mutating func syncDirectory() {
        if isDirectoryClean { return }
        for change in changes { Self.apply(change, to: &stableNames) }
        changes = []
    }

    /// A sync that fails: some of the changes are made, the others stay in doubt, and are not written by the next sync either
    /// unless the directory changes again. File systems with a journal stop for good here; this is one without.
    mutating func failDirectorySync(_ random: inout SeededGenerator) {
        let made = random.pick(0...changes.count)
        for change in changes[..<made] { Self.apply(change, to: &stableNames) }
        changes.removeFirst(made)
        isDirectoryClean = true
    }

    private static func apply(_ change: EntryChange, to names: inout [String: Int]) {
        switch change {
        case .link(let name, let number): names[name] = number
        case .unlink(let name): names[name] = nil
        case .rename(let name, let other, let number):
            names[name] = nil
            names[other] = number
        }
    }

    // MARK: Losses

    /// Power is lost: of everything that is in doubt some is there and some is not.
    mutating func losePower(_ random: inout SeededGenerator) {
        for change in changes where random.oneIn(2) { Self.apply(change, to: &stableNames) }
        changes = []
        isDirectoryClean = false
        names = stableNames
        let linked = Set(names.values)
        for number in files.keys.sorted() {
            guard linked.contains(number), var file = files[number] else {
                files[number] = nil
                continue
            }
            Self.settle(&file, &random)
            file.cache = file.stable
            files[number] = file
        }
    }

    private static func settle(_ file: inout File, _ random: inout SeededGenerator) {
        var size = file.stable.count
        if let last = file.sizes.last {
            // Any size that it had, or one that it passed while it grew.
            let choice = random.pick(0...file.sizes.count + 1)
            if choice < file.sizes.count {
                size = file.sizes[choice]
            } else if choice == file.sizes.count, last > size {
                size = random.pick(size...last)
            }
        }
        // In three of four losses everything or nothing of what is in doubt is there.
        let temper = random.pick(0...7)
        for index in file.doubtful.keys.sorted() {
            guard let versions = file.doubtful[index] else { continue }
            switch temper {
            case 0, 1: continue
            case 2, 3: if let last = versions.last { put(last, at: index, &file.stable) }
            default:
                let choice = random.pick(0...versions.count)
                if choice < versions.count { put(versions[choice], at: index, &file.stable) }
            }
        }
        setSize(&file.stable, size)
        file.doubtful = [:]
        file.sizes = []
    }

    private static func put(_ bytes: [UInt8], at index: Int, _ target: inout [UInt8]) {
        let start = index * sector
        if target.count < start + sector {
            target.append(contentsOf: repeatElement(0, count: start + sector - target.count))
        }
        target.replaceSubrange(start..<start + bytes.count, with: bytes)
        if bytes.count < sector {
            let rest = start + bytes.count..<start + sector
            target.replaceSubrange(rest, with: repeatElement(0, count: rest.count))
        }
    }

    private static func setSize(_ bytes: inout [UInt8], _ size: Int) {
        if bytes.count > size {
            bytes.removeLast(bytes.count - size)
        } else {
            bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
        }
    }

    /// Whether a byte was written and not synced.
    func isDoubtful(_ name: String, _ offset: Int) -> Bool {
        guard let file = names[name].flatMap({ files[$0] }) else { return true }
        return offset >= file.stable.count || file.doubtful[offset / Self.sector] != nil
    }

    /// Flips a bit of what is on stable storage.
    mutating func flipBit(of name: String, at offset: Int, bit: Int) {
        guard let number = names[name] else { return }
        files[number]?.stable[offset] ^= 1 << UInt8(bit)
        files[number]?.cache[offset] ^= 1 << UInt8(bit)
    }

    /// What every file holds.
    var contents: [String: [UInt8]] { names.mapValues { files[$0]?.cache ?? [] } }
}
