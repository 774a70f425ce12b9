/// Gives back a batch's records as they were appended.
struct BatchDecoder {
    private var plain: [UInt8] = []

    /// The records of a whole batch, valid until the next call and until `stored` is not any more; nil where they can't
    /// be decompressed to just the length that the header names.
    mutating func records(_ stored: UnsafeRawBufferPointer, of header: BatchHeader) -> UnsafeRawBufferPointer? {
        header.plainLength == 0 ? stored : nil
    }
}
