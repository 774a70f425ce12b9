/// What the log needs of a file system; tests put one in its place that loses what was not synced.
public protocol LogFileSystem: Sendable {
    /// Names of the files in the directory.
    func list(_ directory: String) throws(LogError) -> [String]
    /// Makes the directory where it is missing.
    func makeDirectory(_ path: String) throws(LogError)
    /// Opens an existing file.
    func open(_ path: String, writable: Bool) throws(LogError) -> any LogFile
    /// Makes a new file of `size` bytes of zeros, its space allocated.
    func create(_ path: String, size: Int) throws(LogError) -> any LogFile
    /// Makes the directory's entries durable.
    func syncDirectory(_ path: String) throws(LogError)
    /// Removes a file.
    func remove(_ path: String) throws(LogError)
    /// Gives a file another name, in one step; a file that had it is gone.
    func rename(_ path: String, to newPath: String) throws(LogError)
    /// Bytes in a file that need not be open.
    func size(_ path: String) throws(LogError) -> Int
    /// Takes the log for this process until the returned object is gone.
    ///
    /// - Throws: ``LogError`` with code `inUse` while another process has it.
    func lock(_ path: String) throws(LogError) -> any AnyObject & Sendable
}

/// An open file of the log.
public protocol LogFile: Sendable {
    /// Bytes in the file.
    func size() throws(LogError) -> Int
    /// Reads up to `buffer.count` bytes; fewer only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogError) -> Int
    /// Writes all of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogError)
    /// Makes what was written durable, and the size. Once it has failed, nothing that it says later can be believed.
    func sync() throws(LogError)
    /// Sets space aside so that the file has at least `size` bytes; the new ones are zeros.
    func allocate(_ size: Int) throws(LogError)
    /// Cuts the file to `size` bytes; what grows there again is zeros.
    func truncate(to size: Int) throws(LogError)
}
