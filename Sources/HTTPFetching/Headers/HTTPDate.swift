import CCurl
import Document

/// Dates in headers (RFC 9110, section 5.6.7).
public enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        .map { Array($0.utf8) }

    /// Reads any of the three forms.
    public static func parse(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        var text = text
        if let usual = text.withUTF8(usual) { return usual }
        // libcurl's parser knows them all, and more.
        let seconds = curl_getdate(text, nil)
        return seconds == -1 ? nil : Timestamp(seconds: Int64(seconds))
    }

    /// Reads the form that all servers of today send: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func usual(_ bytes: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        guard bytes.count == 29, bytes[3] == UInt8(ascii: ","), bytes[19] == UInt8(ascii: ":"),
            bytes[22] == UInt8(ascii: ":"), [4, 7, 11, 16].allSatisfy({ bytes[$0] == 0x20 }),
            bytes[25...].elementsEqual(" GMT".utf8)
        else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard let month = months.firstIndex(where: { bytes[8..<11].elementsEqual($0) }), let day = number(5..<7),
            let year = number(12..<16), let hour = number(17..<19), let minute = number(20..<22),
            let second = number(23..<25), year >= 1970, hour < 24, minute < 60, second < 60,
            // Whether February has a day more, the other parser knows.
            day >= 1, day <= (month == 1 ? 28 : [3, 5, 8, 10].contains(month) ? 30 : 31)
        else { return nil }
        return Timestamp(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }
}
